import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { DeliveryErrorKind, Message } from '@whatsapp-sender/contract'
import { createEvolutionClient, type EvolutionClient } from '@whatsapp-sender/evolution-client'
import { GLOBAL_KEY } from '@whatsapp-sender/sandbox/evolution/start-for-test'
import { CACHED, type GatewayInStates, startGatewayInStates } from './gateway-in-states.ts'

/** The client's own sends against the simulator: each answer of the real server, and what it makes of it. */

let gateway: GatewayInStates
let client: EvolutionClient

const CLIENT_TIMEOUT_MS = 1_000

before(async () => {
  gateway = await startGatewayInStates()
  client = createEvolutionClient({
    baseUrl: gateway.url,
    globalKey: GLOBAL_KEY,
    connections: 4,
    timeoutMs: CLIENT_TIMEOUT_MS,
  })
})
after(async () => {
  await client.close()
  await gateway.stop()
})

type Row = Readonly<{
  title: string
  instance: string
  number?: string
  text?: string
  apiKey?: string
  /** For the tests' own instance, once. */
  program?: object
  databaseIsDown?: boolean
  kind: DeliveryErrorKind | 'sent'
  code?: string
}>

const NEW = '5511999996000'
const GROUP = '120363000000000000@g.us'

const NUMBERS: readonly Row[] = [
  { title: 'taken', instance: 'open', kind: 'sent' },
  { title: 'taken and never acknowledged', instance: 'open', number: '5511999990010', kind: 'sent' },
  { title: 'taken and refused later', instance: 'open', number: '5511999990463', kind: 'sent' },
  { title: 'U+0000, which the client takes out', instance: 'open', text: 'a\0b', kind: 'sent' },
  {
    title: 'not on WhatsApp',
    instance: 'open',
    number: '5511999990404',
    kind: 'permanent',
    code: 'not-on-whatsapp',
  },
  { title: 'no number', instance: 'open', number: 'abc', kind: 'permanent', code: 'number-unusable' },
  { title: 'blank', instance: 'open', text: '  ', kind: 'permanent', code: 'content-refused' },
  {
    title: 'rate-overlimit',
    instance: 'open',
    number: '5511999990429',
    kind: 'rate-limited',
    code: 'whatsapp-rate-limit',
  },
  {
    title: 'look-up unanswered',
    instance: 'open',
    number: '5511999990408',
    kind: 'transient',
    code: 'lookup-unanswered',
  },
  {
    title: 'look-up unanswered',
    instance: 'connecting',
    number: '5511999990408',
    kind: 'instance-down',
    code: 'instance-not-open',
  },
  { title: 'keys unanswered', instance: 'open', number: '5511999990504', kind: 'transient', code: 'keys-unanswered' },
  { title: 'unknown group', instance: 'open', number: GROUP, kind: 'ambiguous', code: 'send-block-error' },
  { title: 'group', instance: 'never', number: GROUP, kind: 'instance-down', code: 'instance-not-open' },
]

const STATES: readonly Row[] = [
  { title: 'a new number', instance: 'never', kind: 'instance-down', code: 'never-connected' },
  { title: 'a cached number', instance: 'never', number: CACHED, kind: 'instance-down', code: 'instance-disconnected' },
  {
    title: 'an address of a broadcast',
    instance: 'never',
    number: 'status@broadcast',
    kind: 'instance-down',
    code: 'instance-disconnected',
  },
  { title: 'a new number', instance: 'connecting', kind: 'instance-down', code: 'instance-disconnected' },
  { title: 'a new number', instance: 'closed', kind: 'instance-down', code: 'instance-disconnected' },
  {
    title: 'a cached number',
    instance: 'closed',
    number: CACHED,
    kind: 'instance-down',
    code: 'instance-disconnected',
  },
  { title: 'any number', instance: 'loading', kind: 'instance-down', code: 'instance-loading' },
  { title: 'an unknown instance', instance: 'nope', kind: 'configuration', code: 'instance-missing' },
  { title: 'a wrong key', instance: 'open', apiKey: 'wrong', kind: 'configuration', code: 'unauthorized' },
]

const WITHOUT_DATABASE: readonly Row[] = [
  { title: 'the right token', instance: 'open', apiKey: 'tok-open', kind: 'configuration', code: 'unauthorized' },
  { title: 'an unknown instance', instance: 'nope', kind: 'server-down', code: 'database-down' },
  { title: 'before the send', instance: 'open', kind: 'server-down', code: 'database-down' },
  { title: 'after the event', instance: 'e1', kind: 'ambiguous', code: 'database-failed-after-send' },
  { title: 'after Meta took it', instance: 'b1', kind: 'ambiguous', code: 'database-failed-after-send' },
]
const DATABASE = WITHOUT_DATABASE.map(
  (row): Row => ({ ...row, title: `database down: ${row.title}`, databaseIsDown: true }),
)

const BUSINESS: readonly Row[] = [
  { title: 'taken', instance: 'b1', kind: 'sent' },
  {
    title: 'Meta refuses the recipient',
    instance: 'b1',
    number: '5511999990404',
    kind: 'permanent',
    code: 'meta-recipient-refused',
  },
  {
    title: 'Meta refuses the token',
    instance: 'b1',
    number: '5511999990401',
    kind: 'configuration',
    code: 'meta-access-refused',
  },
  {
    title: 'Meta answers 503 without JSON',
    instance: 'b1',
    number: '5511999990503',
    kind: 'ambiguous',
    code: 'business-no-answer',
  },
]

const said = (status: number, message: unknown) => ({ status, body: { status, error: '', response: { message } } })

const ORDERED: readonly (Omit<Row, 'instance'> & Readonly<{ program: object }>)[] = [
  {
    title: 'WhatsApp timed out, 400',
    program: said(400, ['Error: Timed Out']),
    kind: 'ambiguous',
    code: 'whatsapp-timed-out',
  },
  { title: 'WhatsApp timed out, 500', program: said(500, 'Timed Out'), kind: 'ambiguous', code: 'whatsapp-timed-out' },
  {
    title: 'no instance name',
    program: said(400, ['"instanceName" not provided.']),
    kind: 'permanent',
    code: 'content-refused',
  },
  {
    title: 'words nobody knows, 500',
    program: said(500, 'a new kind of trouble'),
    kind: 'transient',
    code: 'server-error',
  },
  {
    title: 'words nobody knows, 400',
    program: said(400, ['Error: a new kind of trouble']),
    kind: 'ambiguous',
    code: 'send-block-error',
  },
  { title: 'no answer in time', program: { delayMs: 1_500 }, kind: 'ambiguous', code: 'timeout' },
  { title: 'a hang-up after reading', program: { close: 'after-reading' }, kind: 'ambiguous', code: 'connection-lost' },
  {
    title: 'a hang-up before reading',
    program: { close: 'before-reading' },
    kind: 'ambiguous',
    code: 'connection-lost',
  },
  { title: 'an answer that drips', program: { drip: { bytes: 64, everyMs: 2 } }, kind: 'sent' },
  { title: 'a page instead of JSON', program: { garbage: 'html' }, kind: 'ambiguous', code: 'unreadable-success' },
  { title: 'half of the JSON', program: { garbage: 'cut-json' }, kind: 'ambiguous', code: 'unreadable-success' },
  { title: 'no HTTP', program: { garbage: 'broken-http' }, kind: 'ambiguous', code: 'answer-broken' },
]
const BROKEN = ORDERED.map((row): Row => ({ ...row, instance: 'open', program: { ...row.program, times: 1 } }))

for (const row of [...NUMBERS, ...STATES, ...DATABASE, ...BUSINESS, ...BROKEN]) {
  test(`${row.instance}: ${row.title} is ${row.kind}${row.code === undefined ? '' : `, ${row.code}`}`, async () => {
    if (row.program !== undefined) await gateway.order(row.instance, row.program)
    if (row.databaseIsDown === true) await gateway.setDatabase(true)
    try {
      const { instance, number = row.kind === 'sent' ? CACHED : NEW, text = row.title, apiKey = GLOBAL_KEY } = row
      const result = await client.send({ instance, apiKey, number, message: textMessage(text) })
      const found = result.kind === 'sent' ? ['sent', undefined] : [result.failure.kind, result.failure.code]
      assert.deepEqual(found, [row.kind, row.code])
    } finally {
      await gateway.setDatabase(false)
      await gateway.order(row.instance, {})
    }
  })
}

test('a socket that breaks during the look-up is an instance that is down for a moment, one that breaks with the send is taken', async () => {
  const send = (number: string) =>
    client.send({ instance: 'open', apiKey: GLOBAL_KEY, number, message: textMessage('breaks') })
  const before = await send('5511999990009')
  assert.equal(before.kind === 'failed' && before.failure.code, 'socket-lost')
  await gateway.setState('open', 'open')
  assert.equal((await send('5511999990011')).kind, 'sent')
  await gateway.setState('open', 'open')
})

test('a server that is not there is server-down: nothing was written', async () => {
  const gone = await startGatewayInStates()
  await gone.stop()
  const caller = createEvolutionClient({ baseUrl: gone.url, globalKey: GLOBAL_KEY, connections: 1 })
  const result = await caller.send({ instance: 'open', apiKey: GLOBAL_KEY, number: NEW, message: textMessage('x') })
  await caller.close()
  assert.deepEqual(result.kind === 'failed' && [result.failure.kind, result.failure.code], [
    'server-down',
    'connection-refused',
  ])
})

function textMessage(text: string): Message {
  return { type: 'text', content: { text } }
}
