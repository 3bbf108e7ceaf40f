import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { isJsonObject } from '../json.ts'
import { errorBody, eventually, GLOBAL_KEY, startForTest } from '../start-for-test.ts'

let sandbox: Awaited<ReturnType<typeof startForTest>>

before(async () => {
  sandbox = await startForTest({ autoOpen: true })
})
after(() => sandbox.stop())

async function journalOf(instance: string): Promise<{ number: unknown; content: unknown; keyId: unknown }[]> {
  const { body } = await sandbox.call('GET', '/sandbox/messages?since=0')
  const data: unknown[] = isJsonObject(body) && Array.isArray(body['data']) ? body['data'] : []
  return data
    .filter(isJsonObject)
    .filter((entry) => entry['instance'] === instance)
    .map((entry) => ({ number: entry['number'], content: entry['content'], keyId: entry['keyId'] }))
}

async function stateOf(instance: string, from = sandbox): Promise<unknown> {
  const { body } = await from.call('GET', `/instance/connectionState/${instance}`)
  return isJsonObject(body) && isJsonObject(body['instance']) ? body['instance']['state'] : undefined
}

async function keyOf(instance: string, number: string): Promise<unknown> {
  const { status, body } = await sandbox.sendText(instance, number, 'x')
  assert.equal(status, 201)
  return isJsonObject(body) && isJsonObject(body['key']) ? body['key']['id'] : undefined
}

async function statusesOf(instance: string, keyId: unknown): Promise<unknown[]> {
  const { body } = await sandbox.call('POST', `/chat/findStatusMessage/${instance}`, { where: { id: keyId } })
  return Array.isArray(body) ? body.filter(isJsonObject).map((row) => row['status']) : []
}

const databaseDown = errorBody(
  500,
  '\nInvalid `this.prismaRepository.contact.findMany()` invocation in\n/evolution/dist/main.js\n\n' +
    "Can't reach database server at `127.0.0.1:5432`",
)

test('the same request twice leaves twice, with a new key.id', async () => {
  await sandbox.create('twice')
  await sandbox.sendText('twice', '5511999991000', 'same')
  await sandbox.sendText('twice', '5511999991000', 'same')
  const [first, second, ...more] = await journalOf('twice')
  assert.equal(first?.content, 'same')
  assert.equal(second?.content, 'same')
  assert.notEqual(first?.keyId, second?.keyId)
  assert.equal(more.length, 0)
})

const PASSING = [
  ['5511999990429', errorBody(500, 'rate-overlimit')],
  ['5511999990500', databaseDown],
] as const

for (const [number, answer] of PASSING) {
  test(`a text to ${number} fails twice and leaves with the third try`, async () => {
    const instance = `passing-${number.slice(-4)}`
    await sandbox.create(instance)
    for (const tries of ['first', 'second']) {
      const failed = await sandbox.sendText(instance, number, 'x')
      assert.equal(failed.status, 500, tries)
      assert.deepEqual(failed.body, answer)
    }
    assert.equal((await sandbox.sendText(instance, number, 'x')).status, 201)
    assert.equal((await journalOf(instance)).length, 1)
    assert.equal((await sandbox.sendText(instance, number, 'another')).status, 500, 'another text starts anew')
  })
}

test('a socket lost before the send answers 500, closes, and is open again by itself', async () => {
  const unhurried = await startForTest({ autoOpen: true, timeScale: 1 })
  try {
    await unhurried.create('lost')
    for (const tries of ['first', 'second']) {
      const failed = await unhurried.sendText('lost', '5511999990009', 'x')
      assert.deepEqual(failed.body, errorBody(500, 'Internal Server Error'), tries)
      assert.equal(await stateOf('lost', unhurried), 'close')
      await eventually(
        () => stateOf('lost', unhurried),
        (state) => state === 'open',
      )
    }
    assert.equal((await unhurried.sendText('lost', '5511999990009', 'x')).status, 201)
  } finally {
    await unhurried.stop()
  }
})

test('a socket lost with the send answers 201 and is open again by itself', async () => {
  const unhurried = await startForTest({ autoOpen: true, timeScale: 1 })
  try {
    await unhurried.create('lost')
    assert.equal((await unhurried.sendText('lost', '5511999990011', 'x')).status, 201)
    assert.equal(await stateOf('lost', unhurried), 'close')
    const next = await unhurried.sendText('lost', '5511999990011', 'x')
    assert.deepEqual(next.body, errorBody(400, ['Error: Connection Closed']))
    await eventually(
      () => stateOf('lost', unhurried),
      (state) => state === 'open',
    )
  } finally {
    await unhurried.stop()
  }
})

const FATES = [
  ['5511999991000', ['DELIVERY_ACK', 'READ']],
  ['5511999990463', ['ERROR']],
  ['5511999990010', []],
  ['5511999990011', []],
] as const

for (const [number, statuses] of FATES) {
  test(`after the 201 a message to ${number} meets ${statuses.join(', ') || 'silence'}`, async () => {
    const instance = `fate-${number.slice(-4)}`
    await sandbox.create(instance)
    const keyId = await keyOf(instance, number)
    await eventually(
      () => stateOf(instance),
      (state) => state === 'open',
    )
    // Once a later message is read, whatever was to come of this one has come.
    const later = await keyOf(instance, '5511999992000')
    await eventually(
      () => statusesOf(instance, later),
      (seen) => seen.length === 2,
    )
    assert.deepEqual(await statusesOf(instance, keyId), statuses)
  })
}

test('a text with U+0000 leaves although the answer is 400', async () => {
  await sandbox.create('nul')
  const answered = await sandbox.sendText('nul', '5511999991000', 'a\0b')
  assert.equal(answered.status, 400)
  assert.deepEqual(answered.body, errorBody(400, ['DriverAdapterError: unsupported Unicode escape sequence']))
  assert.equal((await journalOf('nul')).length, 1)
})

test('a caller who hangs up does not stop the send', async () => {
  await sandbox.create('hang-up')
  const caller = new AbortController()
  const impatient = fetch(`${sandbox.url}/message/sendText/hang-up`, {
    method: 'POST',
    headers: { apikey: GLOBAL_KEY, 'content-type': 'application/json' },
    body: JSON.stringify({ number: '5511999991000', text: 'x', delay: 500 }),
    signal: caller.signal,
  })
  const inFlight = async () => (await sandbox.call('GET', '/sandbox/stats')).body
  await eventually(inFlight, (stats) => isJsonObject(stats) && stats['inFlight'] === 1)
  caller.abort()
  await assert.rejects(impatient)
  await eventually(
    () => journalOf('hang-up'),
    (entries) => entries.length === 1,
  )
})

test('sends through one instance take turns, and other instances do not wait for them', async () => {
  const slow = await startForTest({ autoOpen: true, latencyMs: 30 })
  try {
    await slow.create('one')
    await slow.create('two')
    const startedAt = performance.now()
    const ends = await Promise.all(
      ['one', 'one', 'one', 'one', 'two'].map(async (instance, index) => {
        await slow.sendText(instance, `551199999${2000 + index}`, 'x')
        return performance.now() - startedAt
      }),
    )
    assert.ok(Math.max(...ends) >= 4 * 30 - 4, `the fourth waited for three: ${ends.join(', ')}`)
    assert.ok((ends[4] ?? 0) < Math.max(...ends), 'the other instance was done before')
  } finally {
    await slow.stop()
  }
})
