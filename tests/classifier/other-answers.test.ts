import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { DeliveryErrorKind } from '@whatsapp-sender/contract'
import { createEvolutionClient, type EvolutionClient } from '@whatsapp-sender/evolution-client'
import { GLOBAL_KEY } from '@whatsapp-sender/sandbox/evolution/start-for-test'
import type { Route } from '../../packages/evolution-client/src/classification.ts'
import { classify } from '../../packages/evolution-client/src/classify.ts'
import { type GatewayInStates, startGatewayInStates } from './gateway-in-states.ts'

/** Answers that the client's own sends cannot provoke: what its classifier makes of the simulator's words. */

let gateway: GatewayInStates
let client: EvolutionClient

before(async () => {
  gateway = await startGatewayInStates()
  client = createEvolutionClient({ baseUrl: gateway.url, globalKey: GLOBAL_KEY, connections: 2 })
})
after(async () => {
  await client.close()
  await gateway.stop()
})

type Row = Readonly<{
  title: string
  path: string
  body?: unknown
  headers?: Record<string, string>
  databaseIsDown?: boolean
  route?: Route
  kind: DeliveryErrorKind
  code: string
}>

const NUMBER = '5511999996000'
const IMAGE = { number: NUMBER, mediatype: 'image' }
const PICTURE = { ...IMAGE, media: 'aGVsbG8=' }

const refused = (title: string, path: string, body: unknown): Row => ({
  title,
  path,
  body,
  kind: 'permanent',
  code: 'content-refused',
})
const unfit = (title: string, path: string, body: unknown): Row => ({
  title,
  path,
  body,
  kind: 'permanent',
  code: 'schema-refused',
})

const BODIES: readonly Row[] = [
  unfit('an empty body', '/message/sendText/open', {}),
  unfit('a text that is a number', '/message/sendText/open', { number: NUMBER, text: 5 }),
  unfit('a delay in words', '/message/sendText/open', { number: NUMBER, text: 'x', delay: '1200' }),
  unfit('a kind of file nobody knows', '/message/sendMedia/open', { number: NUMBER, mediatype: 'gif' }),
  refused('a file from nowhere', '/message/sendMedia/open', IMAGE),
  refused('a document without a name', '/message/sendMedia/open', { ...PICTURE, mediatype: 'document' }),
  refused('two emoji', '/message/sendReaction/open', {
    key: { id: 'x', remoteJid: `${NUMBER}@s.whatsapp.net`, fromMe: true },
    reaction: '👍👍',
  }),
  {
    title: 'buttons without buttons',
    path: '/message/sendButtons/open',
    body: { number: NUMBER, title: 'x' },
    kind: 'permanent',
    code: 'server-bug',
  },
  {
    title: 'U+0000',
    path: '/message/sendText/open',
    body: { number: NUMBER, text: 'a\0b' },
    kind: 'ambiguous',
    code: 'database-failed-after-send',
  },
]

const PARSER: readonly Row[] = [
  {
    title: 'half of the JSON',
    path: '/message/sendText/open',
    body: '{"number":"55',
    kind: 'permanent',
    code: 'body-refused',
  },
  { title: 'JSON null', path: '/message/sendText/nope', body: 'null', kind: 'permanent', code: 'body-refused' },
  {
    title: 'a foreign charset',
    path: '/message/sendText/open',
    body: '{}',
    headers: { 'content-type': 'application/json; charset=iso-8859-1' },
    kind: 'permanent',
    code: 'body-refused',
  },
]

const ADDRESSES: readonly Row[] = [
  { title: 'no such route', path: '/message/sendText', body: {}, kind: 'configuration', code: 'route-missing' },
  {
    title: "another instance's token",
    path: '/message/sendText/open',
    body: {},
    headers: { apikey: 'tok-never' },
    kind: 'configuration',
    code: 'unauthorized',
  },
  {
    title: 'a query that names an unknown instance',
    path: '/message/sendText/open?instanceName=zzz',
    body: { number: NUMBER, text: 'x' },
    kind: 'instance-down',
    code: 'instance-loading',
  },
]

const MEDIA: readonly Row[] = [
  {
    title: 'a file while close',
    path: '/message/sendMedia/never',
    body: PICTURE,
    kind: 'instance-down',
    code: 'instance-disconnected',
  },
  {
    title: 'a file while connecting',
    path: '/message/sendMedia/connecting',
    body: PICTURE,
    kind: 'instance-down',
    code: 'instance-disconnected',
  },
  {
    title: 'a file that cannot be fetched',
    path: '/message/sendMedia/open',
    body: { ...IMAGE, media: 'http://nowhere.invalid/x.png' },
    kind: 'transient',
    code: 'media-failed',
  },
  {
    title: 'a file that cannot be uploaded',
    path: '/message/sendMedia/open',
    body: { ...PICTURE, number: '5511999990503' },
    kind: 'transient',
    code: 'media-failed',
  },
]

const SETTING_UP: readonly Row[] = [
  { title: 'no integration', path: '/instance/create', body: {}, kind: 'configuration', code: 'setup-refused' },
  {
    title: 'Business without a token',
    path: '/instance/create',
    body: { instanceName: 'x', integration: 'WHATSAPP-BUSINESS', number: '1' },
    kind: 'configuration',
    code: 'setup-refused',
  },
  {
    title: 'Business without a number',
    path: '/instance/create',
    body: { instanceName: 'x', integration: 'WHATSAPP-BUSINESS', token: 't' },
    kind: 'configuration',
    code: 'setup-refused',
  },
  {
    title: 'a name in use',
    path: '/instance/create',
    body: { instanceName: 'open' },
    kind: 'configuration',
    code: 'name-in-use',
  },
  {
    title: 'a webhook without events',
    path: '/webhook/set/open',
    body: { webhook: { enabled: true, url: 'http://127.0.0.1:9/' } },
    kind: 'permanent',
    code: 'server-bug',
  },
  {
    title: 'creating while the database is down',
    path: '/instance/create',
    body: { instanceName: 'x', integration: 'EVOLUTION' },
    databaseIsDown: true,
    kind: 'server-down',
    code: 'database-down',
  },
  {
    title: 'restarting what is closed',
    path: '/instance/restart/never',
    kind: 'instance-down',
    code: 'instance-loading',
  },
]

for (const row of [...BODIES, ...PARSER, ...ADDRESSES, ...MEDIA, ...SETTING_UP]) {
  test(`${row.path}: ${row.title} is ${row.kind}, ${row.code}`, async () => {
    if (row.databaseIsDown === true) await gateway.setDatabase(true)
    const answer = await gateway.request('POST', row.path, row.body, row.headers)
    if (row.databaseIsDown === true) await gateway.setDatabase(false)
    const { route = row.path.startsWith('/message/') ? 'send' : 'instance' } = row
    const { kind, code } = await classify(answer, { route, lookUpState: () => stateBehind(row.path) })
    assert.deepEqual([kind, code], [row.kind, row.code])
  })
}

async function stateBehind(path: string) {
  const instance = path.split('/')[3] ?? ''
  const found = await client.connectionState({ instance, apiKey: GLOBAL_KEY })
  return 'state' in found ? found.state : 'unknown'
}

const NUMBERS = [
  ['never', [NUMBER], 'instance-down', 'instance-not-open'],
  ['connecting', [NUMBER], 'instance-down', 'instance-not-open'],
  ['open', [], 'permanent', 'schema-refused'],
  ['e1', [NUMBER], 'configuration', 'setup-refused'],
  ['b1', [NUMBER], 'configuration', 'setup-refused'],
  ['nope', [NUMBER], 'configuration', 'instance-missing'],
] as const

for (const [instance, numbers, kind, code] of NUMBERS) {
  test(`checking ${numbers.length} numbers through "${instance}" is ${kind}, ${code}`, async () => {
    const found = await client.whatsappNumbers({ instance, apiKey: GLOBAL_KEY, numbers })
    assert.deepEqual('failure' in found && [found.failure.kind, found.failure.code], [kind, code])
  })
}

test('checking numbers through an open instance tells who is there', async () => {
  const numbers = ['5511999991000', '5511999990404']
  const found = await client.whatsappNumbers({ instance: 'open', apiKey: GLOBAL_KEY, numbers })
  assert.deepEqual('numbers' in found && found.numbers.map(({ exists }) => exists), [true, false])
})

test('connecting what is still loading is an instance that is down, for all its 200', async () => {
  const found = await client.connect({ instance: 'loading', apiKey: GLOBAL_KEY })
  assert.equal('failure' in found && found.failure.code, 'instance-loading')
})

test('logging out what is closed is an instance that is down', async () => {
  const found = await client.logout({ instance: 'never', apiKey: GLOBAL_KEY })
  assert.equal('failure' in found && found.failure.code, 'instance-disconnected')
})
