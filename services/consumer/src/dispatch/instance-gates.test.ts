import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { createLogger, createRegistry } from '@whatsapp-sender/service-runtime'
import type { Instance } from '@whatsapp-sender/store'
import { SALES } from '../../tests/support/instance.ts'
import { createConsumerEvents } from '../events.ts'
import { createInstanceGates } from './instance-gates.ts'

const SERVER_DOWN = {
  kind: 'server-down',
  code: 'connection-refused',
  detail: 'as a test wants it',
  ofServer: true,
} as const

let known: Instance[]
let asked: string[]
let change: (instance: Instance) => void
let gates: ReturnType<typeof setUp>

beforeEach(() => {
  known = [SALES]
  asked = []
  gates = setUp()
})
afterEach(() => gates.stop())

test('what is left of a deleted instance gets through to its end, also while the server is away', () => {
  for (let n = 0; n < 5; n++)
    gates.onResult('sales', { kind: 'failed', failure: SERVER_DOWN }, gates.begin('sales') ?? 0)
  assert.equal(gates.isOpen('sales'), false)
  known = []
  change({ ...SALES, deletedAt: new Date(1) })
  assert.deepEqual([gates.isOpen('sales'), gates.serversDown().length > 0], [true, false])
})

test('an instance whose token cannot be opened is shut and never asked about, until it can be', async () => {
  known = [{ ...SALES, evolutionToken: '', configurationError: 'token-unreadable' }]
  assert.equal(gates.isOpen('sales'), false)
  await turn()
  assert.deepEqual(asked, [])
  known = [{ ...SALES, revision: 2, checkAt: new Date(1) }]
  change({ ...SALES, revision: 2, checkAt: new Date(1) })
  await turn()
  assert.deepEqual(asked, ['key'])
  assert.equal(gates.isOpen('sales'), true)
})

function setUp() {
  const logger = createLogger({ service: 'test', level: 'silent' })
  const watched = (): never => assert.fail('nothing is scraped here')
  return createInstanceGates({
    evolution: {
      connectionState: async ({ apiKey }) => {
        asked.push(apiKey)
        return { state: 'open' }
      },
      fetchInstance: async () => ({ instance: undefined }),
    },
    directory: {
      name: 'directory',
      start: async () => {},
      stop: async () => {},
      isLoaded: () => true,
      refresh: async () => {},
      get: (name) => known.find((each) => each.name === name),
      byId: () => undefined,
      onChange: (listener) => {
        change = listener
      },
    },
    instances: { setState: async () => {}, setConfigurationError: async () => {} },
    clock: { storeNow: () => 0, monotonic: () => 0, wall: () => 0, adjust: () => {} },
    onOpen: () => {},
    onServerMoved: () => {},
    isMine: () => true,
    onTold: () => {},
    events: createConsumerEvents(logger, createRegistry({ service: 'test' }), watched),
  })
}
