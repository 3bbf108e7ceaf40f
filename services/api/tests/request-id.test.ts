import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, test } from 'node:test'
import { type ApiUnderTest, startApi } from './api-under-test.ts'
import { until } from './until.ts'

let api: ApiUnderTest

before(async () => {
  api = await startApi({ env: { CORS_ORIGINS: 'https://app.example.com' } })
})
after(() => api.stop())

const idsOf = ({ headers }: { headers: Headers }) => [headers.get('request-id'), headers.get('x-request-id')]

test('every answer has an id of its own, a success as well as a refusal', async () => {
  const answers = await Promise.all([
    api.anybody.get('/'),
    api.anybody.get('/nowhere'),
    api.anybody.post('/v1/messages', '{'),
    api.anybody.call('DELETE', '/v1/messages'),
    api.admin.get('/v1/instances'),
    fetch(`${api.url}/v1/messages`, { method: 'OPTIONS' }),
    fetch(`${api.url}/`, {
      method: 'OPTIONS',
      headers: { origin: 'https://app.example.com', 'access-control-request-method': 'GET' },
    }),
  ])
  const ids = answers.map(idsOf)
  for (const [id, again] of ids) assert.ok(id && id === again, JSON.stringify(ids))
  assert.equal(new Set(ids.map(([id]) => id)).size, answers.length)
})

test("the caller's own id is kept, in the answer, the problem and the log", async () => {
  for (const name of ['request-id', 'x-request-id']) {
    const id = `order-7.${randomUUID()}`
    const answer = await fetch(`${api.url}/v1/messages/nothing`, { headers: { [name]: id } })
    assert.deepEqual(idsOf(answer), [id, id])
    assert.equal(Object(await answer.json()).requestId, id)
    await until('the log has it', () => new RegExp(`"requestId":"${id}".*request finished`).test(api.logs()))
  }
})

test('an id that could not stand in a log as it is, is not kept', async () => {
  for (const id of ['', 'a b', '"', 'x'.repeat(65), 'é', '{"a":1}']) {
    const { headers } = await api.anybody.get('/', { 'request-id': id })
    assert.match(headers.get('request-id') ?? '', /^[0-9a-f-]{36}-[0-9a-z]+$/)
  }
})
