import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { isJsonObject } from './json.ts'
import { startForTest } from './start-for-test.ts'

let sandbox: Awaited<ReturnType<typeof startForTest>>

before(async () => {
  sandbox = await startForTest({ autoOpen: true })
})
after(() => sandbox.stop())

const send = (instance: string, text = 'x') => sandbox.sendText(instance, '5511999991000', text)
const program = (name: string, body: object) => sandbox.call('POST', `/sandbox/instances/${name}/program`, body)

async function sentBy(instance: string): Promise<number> {
  const { body } = await sandbox.call('GET', '/sandbox/messages?limit=10000')
  const data: unknown[] = isJsonObject(body) && Array.isArray(body['data']) ? body['data'] : []
  return data.filter((entry) => isJsonObject(entry) && entry['instance'] === instance).length
}

test('a program fails its calls, sends nothing, and ends when called off', async () => {
  await sandbox.create('fails')
  await program('fails', { failRate: 1 })
  assert.equal((await send('fails')).status, 500)
  assert.equal(await sentBy('fails'), 0)
  await program('fails', {})
  assert.equal((await send('fails')).status, 201)
})

test('a program answers with the status and body it was given, so many times', async () => {
  await sandbox.create('times')
  await program('times', { status: 503, body: { busy: true }, times: 2 })
  const answers = [await send('times'), await send('times'), await send('times')]
  assert.deepEqual(
    answers.map(({ status }) => status),
    [503, 503, 201],
  )
  assert.deepEqual(answers[0]?.body, { busy: true })
})

test('a program adds headers to its answer', async () => {
  await sandbox.create('told')
  await program('told', { status: 429, headers: { 'Retry-After': '20' }, times: 1 })
  const answered = await send('told')
  assert.equal(answered.status, 429)
  assert.equal(answered.headers.get('retry-after'), '20')
})

test('a fail rate strikes about that share of the calls', async () => {
  await sandbox.create('share')
  await program('share', { failRate: 0.3 })
  const answers = await Promise.all(Array.from({ length: 200 }, (_, index) => send('share', String(index))))
  const failed = answers.filter(({ status }) => status === 500).length
  assert.ok(failed > 25 && failed < 100, `${failed} of 200`)
  assert.equal(await sentBy('share'), 200 - failed)
})

test('a program for * strikes every instance that has none of its own', async () => {
  await sandbox.create('all-1')
  await sandbox.create('all-2')
  await program('*', { status: 502 })
  await program('all-2', { delayMs: 1 })
  assert.equal((await send('all-1')).status, 502)
  assert.equal((await send('all-2')).status, 201)
  await program('*', {})
})

test('a connection closed before reading carries nothing, one closed after reading carries the message', async () => {
  await sandbox.create('closes')
  await program('closes', { close: 'before-reading', times: 1 })
  await assert.rejects(send('closes'))
  assert.equal(await sentBy('closes'), 0)
  await program('closes', { close: 'after-reading', times: 1 })
  await assert.rejects(send('closes'))
  assert.equal(await sentBy('closes'), 1)
  assert.equal((await send('closes')).status, 201)
})

test('an answer that drips is whole at last', async () => {
  await sandbox.create('drips')
  await program('drips', { drip: { bytes: 50, everyMs: 5 }, times: 1 })
  const startedAt = performance.now()
  assert.equal((await send('drips')).status, 201)
  assert.ok(performance.now() - startedAt >= 40)
  assert.equal(await sentBy('drips'), 1)
})

test('garbage comes in place of the true answer, and the message has left', async () => {
  await sandbox.create('garbage')
  for (const garbage of ['html', 'cut-json', 'broken-http']) {
    await program('garbage', { garbage, times: 1 })
    await assert.rejects(send('garbage'), garbage)
  }
  assert.equal(await sentBy('garbage'), 3)
  assert.equal((await send('garbage')).status, 201)
})

test('garbage with a status stands for a proxy that let nothing through', async () => {
  await sandbox.create('proxy')
  await program('proxy', { garbage: 'html', status: 502, times: 1 })
  await assert.rejects(send('proxy'))
  assert.equal(await sentBy('proxy'), 0)
})

test('the requests are listed with what they were answered, a reset as 0', async () => {
  await sandbox.create('listed')
  await send('listed')
  await program('listed', { close: 'after-reading', times: 1 })
  await assert.rejects(send('listed'))
  const { body } = await sandbox.call('GET', '/sandbox/requests?limit=10000')
  const data: unknown[] = isJsonObject(body) && Array.isArray(body['data']) ? body['data'] : []
  const statuses = data.filter(isJsonObject).filter((entry) => entry['instance'] === 'listed')
  assert.deepEqual(
    statuses.map((entry) => entry['status']),
    [201, 0],
  )
})

test('a program with an unknown field is refused', async () => {
  assert.equal((await program('fails', { failrate: 1 })).status, 400)
})
