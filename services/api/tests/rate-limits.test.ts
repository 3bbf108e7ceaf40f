import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type ApiUnderTest, startApi } from './api-under-test.ts'
import { clientOf } from './client.ts'

let api: ApiUnderTest

before(async () => {
  api = await startApi({ env: { RATE_LIMIT_USER_PER_MINUTE: '30', RATE_LIMIT_KEY_PER_MINUTE: '5' } })
})
after(() => api.stop())

const message = { instance: 'none', to: '+5511999991000', text: 'olá' }

describe('limits per user and per key', () => {
  test('each answer tells what is left; beyond it 429 says when to come back, and nothing is done', async () => {
    const ana = await api.user('ana@example.com')
    await ana.post('/v1/instances', { name: 'sales' })
    const send = () => ana.post('/v1/messages', { ...message, instance: 'sales' })
    const first = await send()
    assert.equal(first.status, 202)
    assert.equal(first.headers.get('ratelimit-policy'), '"user";q=30;w=60')
    assert.match(String(first.headers.get('ratelimit')), /^"user";r=2[89];t=[12]$/)
    const answers = await Promise.all(Array.from({ length: 60 }, send))
    const accepted = answers.filter(({ status }) => status === 202)
    const limited = answers.filter(({ status }) => status === 429)
    assert.equal(accepted.length + limited.length, 60)
    assert.ok(accepted.length >= 28 && accepted.length <= 33, `${accepted.length}`)
    assert.equal(await api.topics.countMessages(), accepted.length + 1)
    for (const { body, headers } of limited) {
      assert.equal(body['code'], 'too-many-requests')
      assert.ok(Number(headers.get('retry-after')) >= 1)
      assert.equal(headers.get('ratelimit'), `"user";r=0;t=${String(headers.get('retry-after'))}`)
    }
    const bob = await api.user('bob@example.com')
    assert.equal((await bob.get('/v1/instances')).status, 200)
  })

  test('a key has a limit of its own within that of its user', async () => {
    const caio = await api.user('caio@example.com')
    const { body } = await caio.post('/v1/api-keys', { name: 'k', scopes: ['instances:read'] })
    const { get } = clientOf(api.url, String(body['key']))
    const answers = [await get('/v1/instances')]
    assert.equal(answers[0]?.headers.get('ratelimit-policy'), '"key";q=5;w=60, "user";q=30;w=60')
    for (let i = 0; i < 5; i++) answers.push(await get('/v1/instances'))
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 200, 200, 200, 200, 429],
    )
    assert.equal((await caio.get('/v1/instances')).status, 200)
  })

  test('what is refused for want of a token is not counted for anybody, and tells nothing', async () => {
    const answer = await api.anybody.post('/v1/messages', message)
    assert.deepEqual([answer.status, answer.headers.get('ratelimit')], [401, null])
  })
})

test('unless they are asked for there are no limits and no fields', async () => {
  const other = await startApi()
  try {
    const { headers } = await (await other.user('ana@example.com')).get('/v1/instances')
    assert.deepEqual([headers.get('ratelimit'), headers.get('ratelimit-policy')], [null, null])
  } finally {
    await other.stop()
  }
})
