import assert from 'node:assert/strict'
import { afterEach, beforeEach, mock, test } from 'node:test'
import { createSandboxGateway, type EvolutionClient, type SandboxReceipt } from '../src/index.ts'

const TEXT = { type: 'text', content: { text: 'hi' } } as const
const IMAGE = { type: 'image', content: { media: { url: 'https://example.com/a.png' } } } as const

let gateway: EvolutionClient
let told: SandboxReceipt[]

beforeEach(() => {
  mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_800_000_000_000 })
  told = []
  gateway = createSandboxGateway({ onReceipts: (receipts) => told.push(...receipts) })
})
afterEach(async () => {
  await gateway.close()
  mock.timers.reset()
})

test('a message is taken, and told to be delivered and then read', async () => {
  const result = await send('5511999991000')
  assert.equal(result.kind, 'sent')
  assert.equal(result.kind === 'sent' && result.remoteJid, '5511999991000@s.whatsapp.net')
  await pass(200)
  assert.deepEqual(told, [])
  await pass(1000)
  assert.deepEqual(
    told.map(({ instance, status }) => [instance, status]),
    [
      ['test', 'DELIVERY_ACK'],
      ['test', 'READ'],
    ],
  )
  assert.ok(result.kind === 'sent' && told.every(({ keyId }) => keyId === result.providerMessageId))
})

test('who asks later hears the same, also from another process, and nothing of what is not its own', async () => {
  const result = await send('5511999991000')
  const keyId = result.kind === 'sent' ? result.providerMessageId : ''
  const other = createSandboxGateway({})
  const ask = async (id: string) => {
    const of = { instance: 'test', apiKey: '', providerMessageId: id }
    const found = await other.findStatus(of)
    return 'statuses' in found ? found.statuses : found
  }
  assert.deepEqual(await ask(keyId), [])
  await pass(500)
  assert.deepEqual(await ask(keyId), ['DELIVERY_ACK'])
  await pass(500)
  assert.deepEqual(await ask(keyId), ['DELIVERY_ACK', 'READ'])
  assert.deepEqual(await ask('3EB06A68F0F0844729FDAB'), [])
})

test('the last four digits of a recipient choose what goes wrong, and no failure is one of the server', async () => {
  const outcomes: unknown[] = []
  for (const ending of ['0404', '0408', '0504', '0429', '0500', '0009', '0503']) {
    const results = [
      await send(`551199999${ending}`),
      await send(`551199999${ending}`),
      await send(`551199999${ending}`),
    ]
    outcomes.push([ending, ...results.map((each) => (each.kind === 'sent' ? 'sent' : each.failure.code))])
    for (const each of results)
      assert.equal(each.kind === 'failed' && each.failure.ofServer, each.kind === 'sent' ? false : undefined)
  }
  assert.deepEqual(outcomes, [
    ['0404', 'not-on-whatsapp', 'not-on-whatsapp', 'not-on-whatsapp'],
    ['0408', 'lookup-unanswered', 'lookup-unanswered', 'lookup-unanswered'],
    ['0504', 'keys-unanswered', 'keys-unanswered', 'keys-unanswered'],
    ['0429', 'whatsapp-rate-limit', 'whatsapp-rate-limit', 'sent'],
    ['0500', 'server-error', 'server-error', 'sent'],
    ['0009', 'socket-lost', 'socket-lost', 'sent'],
    ['0503', 'sent', 'sent', 'sent'],
  ])
  const withFile = await send('5511999990503', IMAGE)
  assert.equal(withFile.kind === 'failed' && withFile.failure.code, 'media-failed')
})

test('what WhatsApp refuses afterwards is told as refused, and what it never acknowledges is not told at all', async () => {
  await send('5511999990463')
  await send('5511999990010')
  await send('5511999990011')
  await pass(5000)
  assert.deepEqual(
    told.map(({ status }) => status),
    ['ERROR'],
  )
})

test('a message that may not begin any more is not taken', async () => {
  const result = await gateway.send({ instance: 'test', apiKey: '', number: '1', message: TEXT, mayStart: () => false })
  assert.equal(result.kind === 'failed' && result.failure.code, 'started-too-late')
})

test('every instance is connected, and every number exists but those that end in 0404', async () => {
  const of = { instance: 'test', apiKey: '' }
  assert.deepEqual(await gateway.connectionState(of), { state: 'open' })
  const numbers = ['5511999991000', '5511999990404']
  assert.deepEqual(await gateway.whatsappNumbers({ ...of, numbers }), {
    numbers: [
      { number: '5511999991000', jid: '5511999991000@s.whatsapp.net', exists: true },
      { number: '5511999990404', jid: '5511999990404@s.whatsapp.net', exists: false },
    ],
  })
})

async function send(number: string, message: typeof TEXT | typeof IMAGE = TEXT) {
  const sending = gateway.send({ instance: 'test', apiKey: 'key', number, message })
  await pass(50)
  return await sending
}

/** In steps, so that what a timer begins is met by the next one. */
async function pass(ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 50) {
    mock.timers.tick(50)
    await Promise.resolve()
  }
}
