import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import type { LaneRow } from '@whatsapp-sender/store'
import { laneRow } from '../../tests/support/lane-row.ts'
import { endedOutcome } from './decide-outcome.ts'
import type { DeliveryResult } from './deliver-message.ts'
import { createRowReader } from './row-reader.ts'
import { createSettleClaimed } from './settle-claimed.ts'

const CLAIMED = laneRow({ status: 'sending', claim: 'token', by: 'other', claimedAt: 900 })

let now: number
let isOwned: boolean
let gone: string[]
let held: string[]
let done: string[]
/** What the ledger says, look by look; the last one stays. */
let looks: (LaneRow | undefined | Error)[]
/** Called at each pause, with how many there were before it. */
let onPause: (count: number) => void

beforeEach(() => {
  now = 1000
  isOwned = true
  gone = []
  held = []
  done = []
  looks = [CLAIMED]
  onPause = (count) => assert.ok(count < 1000, 'waits for ever')
})

test('a message that its holder ends is done with', async () => {
  looks = [CLAIMED, CLAIMED, { ...CLAIMED, status: 'sent' }]
  assert.deepEqual(await settle(), { kind: 'ended' })
  assert.deepEqual(done, [])
})

test('a message that its holder gives back goes on from what the ledger says', async () => {
  const waits = { ...CLAIMED, status: 'queued', attemptsCount: 3, nextAttemptAt: 9000 } as const
  looks = [CLAIMED, waits]
  assert.deepEqual(await settle(), { kind: 'waits', row: waits })
})

test('a row that retention has taken away is done with', async () => {
  looks = [undefined]
  assert.deepEqual(await settle(), { kind: 'ended' })
})

test('a message that somebody claimed again is left to the ledger', async () => {
  looks = [{ ...CLAIMED, claim: 'another' }]
  assert.deepEqual(await settle(), { kind: 'changed' })
})

test('a message whose holder lives is waited for, and judged as ambiguous when he is gone', async () => {
  onPause = (count) => {
    if (count === 5) gone = ['other']
  }
  assert.deepEqual(await settle(), { kind: 'ended' })
  assert.deepEqual(done, ['judge token from 900: holder-gone', 'record unknown', 'told unknown'])
})

test('a claim that is known for three minutes is judged though its holder lives', async () => {
  onPause = () => {
    now += 500
  }
  await settle()
  assert.equal(done[0], 'judge token from 900: holder-gone')
  assert.ok(now > 180_000)
})

test('a claim in the name of this process that it is not at work on is judged as ambiguous', async () => {
  looks = [{ ...CLAIMED, by: 'me' }]
  assert.deepEqual(await settle(), { kind: 'ended' })
  assert.deepEqual(done[0], 'judge token from 900: holder-gone')
})

test('a claim that this process is at work on is waited for, whoever looks', async () => {
  held = [CLAIMED.id]
  looks = [{ ...CLAIMED, by: 'me' }]
  onPause = (count) => {
    if (count === 3) {
      held = []
      looks = [{ ...CLAIMED, by: 'me', status: 'sent' }]
    }
  }
  assert.deepEqual(await settle(), { kind: 'ended' })
  assert.deepEqual(done, [])
})

test('a message under way that the ledger still shows as waiting is not begun a second time', async () => {
  held = [CLAIMED.id]
  looks = [{ ...CLAIMED, status: 'queued' }]
  onPause = (count) => {
    if (count === 3) {
      held = []
      looks = [{ ...CLAIMED, status: 'sent' }]
    }
  }
  assert.deepEqual(await settle(), { kind: 'ended' })
})

test('a database that is away is waited out', async () => {
  looks = [new Error('away'), new Error('away'), { ...CLAIMED, status: 'sent' }]
  assert.deepEqual(await settle(), { kind: 'ended' })
  assert.deepEqual(done, ['failed away', 'failed away'])
})

test('time in which the database was away counts for nobody: its holder could not write an outcome either', async () => {
  const away = Array.from({ length: 400 }, () => new Error('away'))
  looks = [CLAIMED, ...away, CLAIMED, { ...CLAIMED, status: 'sent' }]
  onPause = () => {
    now += 500
  }
  assert.deepEqual(await settle(), { kind: 'ended' })
  assert.ok(now > 180_000)
  assert.ok(!done.some((each) => each.startsWith('judge')), `${done.at(-1)}`)
})

test('whoever loses the instance leaves its messages alone', async () => {
  gone = ['other']
  isOwned = false
  assert.deepEqual(await settle(), { kind: 'changed' })
  assert.deepEqual(done, [])
})

test('lanes that look at the same time read the ledger together', async () => {
  const reads: (readonly string[])[] = []
  const read = createRowReader({
    read: async (ids) => {
      reads.push(ids)
      return ids.filter((id) => id !== '2').map((id) => laneRow({ id }))
    },
  })
  const rows = await Promise.all(['1', '2', '3', '3'].map(read))
  assert.deepEqual([rows.map((row) => row?.id), reads], [['1', undefined, '3', '3'], [['1', '2', '3']]])
})

async function settle(): Promise<DeliveryResult> {
  let pauses = 0
  const settleClaimed = createSettleClaimed({
    by: 'me',
    clock: { monotonic: () => now, wall: () => now, storeNow: () => now, adjust: () => {} },
    ledger: {
      read: async () => {
        const seen = looks.length > 1 ? looks.shift() : looks[0]
        if (seen instanceof Error) throw seen
        return seen === undefined ? [] : [seen]
      },
    },
    holders: { isGone: (id) => gone.includes(id) },
    isHeld: (id) => held.includes(id),
    owns: () => isOwned,
    pause: async () => onPause(pauses++),
    settleAmbiguous: async (facts, failure) => {
      done.push(`judge ${facts.claim} from ${facts.startedAt.getTime()}: ${failure.code}`)
      return endedOutcome(facts, 'unknown', failure)
    },
    record: async ({ status }) => void done.push(`record ${status}`),
    onOutcome: (_, { status }) => done.push(`told ${status}`),
    onError: (error) => done.push(`failed ${error instanceof Error ? error.message : ''}`),
  })
  return await settleClaimed(CLAIMED)
}
