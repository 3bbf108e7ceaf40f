import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { createEvolutionClient, createEvolutionServers, createSandboxGateway } from '../src/index.ts'
import { answerJson, type FakeServer, startServer } from './server.ts'

const SECOND = { name: 'second', apiKey: 'second-key' }

function startNamed(name: string): Promise<FakeServer> {
  return startServer((response) => answerJson(response, 200, { instance: { state: 'open' }, version: name }))
}

let connected: number
beforeEach(() => {
  connected = 0
})

function serversOf(first: FakeServer) {
  const connections = 2
  return createEvolutionServers({
    ofEnvironment: createEvolutionClient({ baseUrl: first.url, globalKey: 'first-key', connections }),
    sandbox: createSandboxGateway({}),
    connect: (server) => {
      connected += 1
      return createEvolutionClient({ ...server, connections })
    },
  })
}

test('a call reaches the server that it names, with the key of that server, and the one of the environment without a name', async () => {
  await using first = await startNamed('1')
  await using second = await startNamed('2')
  const servers = serversOf(first)
  servers.use([{ ...SECOND, url: second.url }])
  const of = { instance: 'a1', apiKey: 'tok-a1' }
  assert.deepEqual(await servers.connectionState({ ...of, server: 'second' }), { state: 'open' })
  assert.deepEqual([first.seen.length, second.seen.length], [0, 1])
  await servers.connectionState({ ...of, server: undefined })
  await servers.connectionState({ ...of, server: 'default' })
  assert.deepEqual([first.seen.length, second.seen.length], [2, 1])
  await servers.fetchInstance({ server: 'second', name: 'a1' })
  assert.equal(second.seen[1]?.headers['apikey'], 'second-key')
  assert.deepEqual(await servers.welcome({ server: 'second' }), { version: '2' })
  assert.equal(second.seen[2]?.headers['apikey'], '', 'the start page asks for no key, so none is shown')
  await servers.close()
})

test('connections of all servers are told together', async () => {
  await using first = await startNamed('1')
  await using second = await startNamed('2')
  const servers = serversOf(first)
  servers.use([{ ...SECOND, url: second.url }])
  assert.deepEqual(servers.connections(), { open: 0, busy: 0, waiting: 0 })
  const of = { instance: 'a1', apiKey: 'tok-a1' }
  const asking = Promise.all(
    ['default', 'default', 'default', 'second'].map((server) => servers.connectionState({ ...of, server })),
  )
  const { busy, waiting } = servers.connections()
  assert.equal(busy + waiting, 4)
  await asking
  assert.deepEqual({ ...servers.connections(), open: 0 }, { open: 0, busy: 0, waiting: 0 })
  assert.ok(servers.connections().open >= 2)
  await servers.close()
})

test('to a server that is not known nothing is sent, and that is a failure of the server which counts no attempt', async () => {
  await using first = await startNamed('1')
  const servers = serversOf(first)
  const message = { type: 'text', content: { text: 'hi' } } as const
  const to = { server: 'second', instance: 'a1', apiKey: 'tok', number: '5511999991000', message }
  const sent = await servers.send(to)
  assert.equal(sent.kind, 'failed')
  assert.deepEqual(sent.kind === 'failed' && [sent.failure.kind, sent.failure.ofServer], ['server-down', true])
  servers.use([{ name: 'second', url: first.url, apiKey: undefined }])
  assert.equal(servers.knows('second'), false, 'without its key it counts as not known')
  assert.equal(first.seen.length, 0)
  await servers.close()
})

test('a server that moves is reached where it is now, and what is on its way there still ends', async () => {
  const answers: (() => void)[] = []
  await using first = await startNamed('1')
  await using slow = await startServer((response) => answers.push(() => answerJson(response, 200, { version: 'old' })))
  await using moved = await startNamed('new')
  const servers = serversOf(first)
  servers.use([{ ...SECOND, url: slow.url }])
  const asked = servers.welcome({ server: 'second' })
  while (answers.length === 0) await new Promise((resolve) => setImmediate(resolve))
  servers.use([{ ...SECOND, url: moved.url }])
  assert.deepEqual(await servers.welcome({ server: 'second' }), { version: 'new' })
  answers[0]?.()
  assert.deepEqual(await asked, { version: 'old' })
  servers.use([])
  assert.equal(servers.knows('second'), false)
  assert.equal(servers.knows('default'), true)
  await servers.close()
})

test('reading the same list again makes no new client, and another key makes one', async () => {
  await using first = await startNamed('1')
  await using second = await startNamed('2')
  const servers = serversOf(first)
  for (let n = 0; n < 3; n++) servers.use([{ ...SECOND, url: second.url }])
  assert.equal(connected, 1)
  servers.use([{ ...SECOND, url: second.url, apiKey: 'newer-key' }])
  await servers.fetchInstance({ server: 'second', name: 'a1' })
  assert.deepEqual([connected, second.seen[0]?.headers['apikey']], [2, 'newer-key'])
  await servers.close()
})
