import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { errorBody, GLOBAL_KEY, startForTest } from './start-for-test.ts'

let sandbox: Awaited<ReturnType<typeof startForTest>>

before(async () => {
  sandbox = await startForTest()
  await sandbox.create('a1', { token: 'tok-a1' })
  await sandbox.create('e1', { token: 'tok-e1', integration: 'EVOLUTION' })
  await sandbox.setState('a1', 'open')
  await sandbox.call('POST', '/sandbox/database', { down: true })
})
after(() => sandbox.stop())

const MESSAGE = { number: '5511999991000', text: 'x' }
const unauthorized = JSON.stringify(errorBody(401, 'Unauthorized'))

for (const [name, token] of [
  ['e1', 'tok-e1'],
  ['a1', 'tok-a1'],
] as const) {
  test(`database down: the right token of ${name} is a wrong one`, async () => {
    const { status, text } = await sandbox.call('POST', `/message/sendText/${name}`, MESSAGE, { apikey: token })
    assert.equal(status, 401)
    assert.equal(text, unauthorized)
  })
}

const ASKING = [
  ['POST', '/message/sendText/nope', MESSAGE],
  ['GET', '/instance/fetchInstances', undefined],
  ['POST', '/instance/create', { instanceName: 'new', integration: 'WHATSAPP-BAILEYS' }],
] as const

for (const [method, path, body] of ASKING) {
  test(`database down: ${method} ${path} is 500 with 12 kB of Prisma`, async () => {
    const { status, text } = await sandbox.call(method, path, body)
    assert.equal(status, 500)
    assert.match(text, /^\{"status":500,"error":"Internal Server Error","response":\{"message":\["PrismaClientKnown/)
    assert.ok(text.length > 11_000 && text.length < 14_000)
  })
}

test('database down: a message for a number fails before it is sent', async () => {
  const { status, text } = await sandbox.call('POST', '/message/sendText/a1', MESSAGE)
  assert.equal(status, 500)
  assert.match(
    text,
    /^\{"status":500,"error":"Internal Server Error","response":\{"message":"\\nInvalid `this\.prismaRepository\.contact\.findMany\(\)` invocation in/,
  )
  assert.match((await sandbox.call('GET', '/sandbox/messages')).text, /^\{"data":\[\]/)
})

test('database down: connectionState still answers', async () => {
  const { text } = await sandbox.call('GET', '/instance/connectionState/a1')
  assert.equal(text, '{"instance":{"instanceName":"a1","state":"open"}}')
})

test('the start page waits a second for hosts that refuse, and for ever where connections hang', async () => {
  const lonely = await startForTest({ timeScale: 0.2 })
  try {
    await lonely.call('POST', '/sandbox/whatsapp', { reach: 'refused' })
    const startedAt = performance.now()
    assert.equal((await lonely.call('GET', '/')).status, 200)
    assert.ok(performance.now() - startedAt >= 190)
    await lonely.call('POST', '/sandbox/whatsapp', { reach: 'black-hole' })
    const signal = AbortSignal.timeout(300)
    await assert.rejects(fetch(`${lonely.url}/`, { signal }), { name: 'TimeoutError' })
  } finally {
    await lonely.stop()
  }
})

test('an order that makes no sense is told what would', async () => {
  assert.equal((await sandbox.call('POST', '/sandbox/database', { down: 'yes' })).status, 400)
  assert.equal((await sandbox.call('POST', '/sandbox/whatsapp', {})).status, 400)
})

test('with another global key the former is refused, and tokens of instances are not', async () => {
  const rotated = await startForTest()
  try {
    await rotated.create('a1', { token: 'tok-a1' })
    assert.equal((await rotated.call('POST', '/sandbox/key', { key: '' })).status, 400)
    assert.equal((await rotated.call('POST', '/sandbox/key', { key: 'another' })).status, 200)
    const statusWith = async (apikey: string) =>
      (await rotated.call('GET', '/instance/fetchInstances', undefined, { apikey })).status
    assert.deepEqual(
      [await statusWith(GLOBAL_KEY), await statusWith('another'), await statusWith('tok-a1')],
      [401, 200, 200],
    )
  } finally {
    await rotated.stop()
  }
})
