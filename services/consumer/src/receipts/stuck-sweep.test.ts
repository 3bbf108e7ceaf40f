import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import type { Instance, OverdueReceipt, Receipt } from '@whatsapp-sender/store'
import { SALES } from '../../tests/support/instance.ts'
import { type StuckSweepOptions, sweepOnce } from './stuck-sweep.ts'

type Answer = Awaited<ReturnType<StuckSweepOptions['evolution']['findStatus']>>

let overdue: OverdueReceipt[]
let marked: string[]
let asked: string[]
let applied: Receipt[]
let answer: () => Answer
let instances: Instance[]
let isServerDown: boolean
let counts: { stuck: number; results: string[] }

beforeEach(() => {
  overdue = []
  marked = []
  asked = []
  applied = []
  answer = () => ({ statuses: [] })
  instances = [SALES]
  isServerDown = false
  counts = { stuck: 0, results: [] }
})

test('an overdue message is marked, asked for, and an answer counts as its receipts', async () => {
  overdue = [message('1')]
  answer = () => ({ statuses: ['PENDING', 'SERVER_ACK', 'DELIVERY_ACK', 'READ', 'NEW_WORD'] })
  await sweep()
  assert.deepEqual([marked, asked, counts], [['1'], ['key-1'], { stuck: 1, results: ['receipt'] }])
  assert.deepEqual(
    applied.map(({ instanceId, keyId, status }) => [instanceId, keyId, status]),
    [
      ['sales-1', 'key-1', 'DELIVERY_ACK'],
      ['sales-1', 'key-1', 'READ'],
    ],
  )
})

test('without an answer, or with none that is a receipt, the message stays stuck', async () => {
  overdue = [message('1')]
  answer = () => ({ statuses: ['SERVER_ACK'] })
  await sweep()
  answer = () => ({ failure: { kind: 'ambiguous', code: 'timeout', detail: '' } })
  await sweep()
  assert.deepEqual([applied, counts.results], [[], ['nothing', 'failed']])
})

test("others' messages are left to their owner", async () => {
  overdue = [{ ...message('1'), instance: 'foreign' }]
  await sweep()
  assert.deepEqual([marked, asked], [[], []])
})

test('a message is counted as stuck once, however often it is asked for', async () => {
  overdue = [{ ...message('1'), asked: 1 }]
  await sweep()
  assert.deepEqual([marked, asked, counts.stuck], [['1'], ['key-1'], 0])
})

test('all are marked, but no sweep asks more than a hundred times, nor one instance more than ten', async () => {
  instances = Array.from({ length: 20 }, (_, n) => ({ ...SALES, id: `sales-${n}` }))
  overdue = Array.from({ length: 3000 }, (_, n) => ({ ...message(`${n}`), instanceId: `sales-${n % 20}` }))
  await sweep()
  assert.deepEqual([marked.length, asked.length], [3000, 100])
  asked = []
  overdue = Array.from({ length: 3000 }, (_, n) => message(`${n}`))
  await sweep()
  assert.equal(asked.length, 10)
})

test('an instance that was deleted, and a server that is away, are not asked', async () => {
  overdue = [message('1')]
  instances = [{ ...SALES, deletedAt: new Date() }]
  await sweep()
  instances = [SALES]
  isServerDown = true
  await sweep()
  assert.deepEqual([marked, asked], [['1', '1'], []])
})

function message(id: string): OverdueReceipt {
  return { id, instance: 'sales', instanceId: 'sales-1', providerMessageId: `key-${id}`, asked: 0 }
}

function sweep(): Promise<void> {
  return sweepOnce({
    ledger: {
      overdueReceipts: async (_now, limit) => overdue.slice(0, limit),
      markStuck: async (ids) => {
        marked.push(...ids)
      },
      applyReceipts: async (receipts) => {
        applied.push(...receipts)
        return { unknown: [] }
      },
    },
    evolution: {
      findStatus: async ({ providerMessageId }) => {
        asked.push(providerMessageId)
        return answer()
      },
    },
    directory: { byId: (id) => instances.find((each) => each.id === id) },
    stuckAfterMs: 600_000,
    storeNow: () => 1000,
    owns: (instance) => instance === 'sales',
    isServerDown: () => isServerDown,
    events: {
      messagesStuck: (count) => {
        counts.stuck += count
      },
      statusAsked: (result) => {
        counts.results.push(result)
      },
      receiptsJoined: () => {},
      receiptsDelayed: () => {},
    },
  })
}
