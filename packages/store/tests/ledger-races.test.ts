import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { inserted, rowOf } from './ledger-rows.ts'
import { openTestStore } from './test-store.ts'

const PAIRS = 100
const store = await openTestStore()
const { ledger } = store

const LATER = new Date(Date.now() + 3_600_000)

for (const [what, act, status] of [
  ['cancelled', (id: string) => ledger.cancel({ id, user: 'ana', by: 'ana' }), 'cancelled'],
  ['put off', (id: string) => ledger.reschedule({ id, user: 'ana', by: 'ana' }, { sendAt: LATER }), 'scheduled'],
] as const) {
  test(`a message that is claimed as it is ${what} is one or the other`, async (t) => {
    let claimed = 0
    for (let pair = 0; pair < PAIRS; pair++) {
      const id = await inserted(store)
      const claim = () => ledger.claim({ ids: [id], token: randomUUID(), by: 'owner' })
      // Neither is always the first to set out.
      const first = pair % 2 === 0 ? claim() : undefined
      const [acted, won] = await Promise.all([act(id), first ?? claim()])
      const isClaimed = won.has(id)
      assert.equal((await rowOf(store, id)).status, isClaimed ? 'sending' : status)
      assert.equal(acted?.kind, isClaimed ? 'refused' : 'done')
      if (isClaimed) claimed += 1
    }
    t.diagnostic(`${claimed} of ${PAIRS} were claimed`)
  })
}

test('what was put off is not claimed at its old time', async () => {
  const id = await inserted(store)
  await ledger.reschedule({ id, user: 'ana', by: 'ana' }, { sendAt: LATER })
  assert.equal((await ledger.claim({ ids: [id], token: randomUUID(), by: 'owner' })).size, 0)
})
