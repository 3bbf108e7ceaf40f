import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PendingReceipt } from '@whatsapp-sender/store'
import { createPendingRetries, retryDue } from './retry-pending.ts'

const HOUR_MS = 3_600_000

test('a receipt whose row is there by now is joined and forgotten', async () => {
  const { done, later, counted } = await retry([receipt('a')], { known: ['a'] })
  assert.deepEqual([done, later, counted], [['a'], [], { joined: 1, dropped: 0 }])
})

test('a receipt that nobody knows yet is tried again', async () => {
  const { done, later, counted } = await retry([receipt('a'), receipt('b')], { known: ['b'] })
  assert.deepEqual([done, later, counted], [['b'], ['a'], { joined: 1, dropped: 0 }])
})

test('after an hour it is given up and counted', async () => {
  const old = receipt('old', HOUR_MS)
  const { done, later, counted } = await retry([old, receipt('young', HOUR_MS - 1)], { known: [] })
  assert.deepEqual([done, later, counted], [['old'], ['young'], { joined: 0, dropped: 1 }])
})

test('an old receipt whose row came at last is joined, not dropped', async () => {
  const { counted } = await retry([receipt('old', HOUR_MS)], { known: ['old'] })
  assert.deepEqual(counted, { joined: 1, dropped: 0 })
})

test('evidence of a known message is forgotten, of an unknown one kept for an hour, and neither is counted', async () => {
  const due = [sent('known'), sent('unknown'), sent('old', HOUR_MS)]
  const { done, later, unexplained, counted } = await retry(due, { known: ['known'] })
  assert.deepEqual([done, later, counted], [['known', 'old'], ['unknown'], { joined: 0, dropped: 0 }])
  assert.deepEqual(unexplained, ['unknown', 'old'])
})

test('what was put aside is looked at twice a second while its first tries come, and rarely when nothing waits', async () => {
  let now = 0
  const looks: number[] = []
  const over = Promise.withResolvers<void>()
  const retries = createPendingRetries({
    ledger: { applyReceipts: async () => ({ unknown: [] }), providerIdsKnown: async () => new Set() },
    pendingReceipts: {
      due: async () => {
        looks.push(now)
        return []
      },
      done: async () => {},
      retryLater: async () => {},
    },
    onEvidence: async () => {},
    events: { receiptsJoined: () => {}, receiptsDropped: () => {}, receiptsDelayed: assert.ifError },
    now: () => now,
    // Something is put aside in the middle of a long pause.
    pause: async (ms, signal) => {
      if (now < 75_000 && now + ms >= 75_000) {
        now = 75_000
        retries.wake()
        assert.ok(signal.aborted, 'a long pause ends at once')
      } else now += ms
      if (now < 100_000) return
      over.resolve()
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
    },
  })
  retries.start()
  await over.promise
  await retries.stop()
  const between = (from: number, to: number) => looks.filter((at) => at >= from && at < to).length
  assert.deepEqual([between(0, 40_000), between(40_000, 75_000), between(75_000, 95_000)], [80, 4, 40])
})

function receipt(keyId: string, ageMs = 0): PendingReceipt {
  return { id: keyId, instanceId: 'i', keyId, status: 'READ', at: new Date(0), ageMs, tries: 0 }
}

function sent(keyId: string, ageMs = 0): PendingReceipt {
  return { ...receipt(keyId, ageMs), status: 'sent', remoteJid: '55@s.whatsapp.net' }
}

async function retry(due: PendingReceipt[], { known }: { known: string[] }) {
  const done: string[] = []
  const later: string[] = []
  const unexplained: string[] = []
  const counted = { joined: 0, dropped: 0 }
  await retryDue({
    ledger: {
      applyReceipts: async (receipts) => ({
        unknown: receipts.flatMap(({ keyId }, index) => (known.includes(keyId) ? [] : [index])),
      }),
      providerIdsKnown: async () => new Set(known.map((keyId) => `i/${keyId}`)),
    },
    pendingReceipts: {
      due: async () => due,
      done: async (ids) => void done.push(...ids),
      retryLater: async (receipts) => void later.push(...receipts.map(({ id }) => id)),
    },
    onEvidence: async (evidence) => void unexplained.push(...evidence.map(({ keyId }) => keyId)),
    events: {
      receiptsJoined: (count) => {
        counted.joined += count
      },
      receiptsDropped: (count) => {
        counted.dropped += count
      },
      receiptsDelayed: assert.ifError,
    },
  })
  return { done, later, unexplained, counted }
}
