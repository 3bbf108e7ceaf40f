import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, test } from 'node:test'
import { type MessageDocument, openStore, type Store } from '@whatsapp-sender/store'
import { claimMessages } from '../../packages/store/src/ledger/claim-messages.ts'
import { ingested, withLostAnswer } from '../../packages/store/tests/ledger-rows.ts'
import { type OwnReplicaSet, startReplicaSet } from '../faults/support/replica-set.ts'

const ROWS = 300

let servers: OwnReplicaSet
let store: Store
before(async () => {
  servers = await startReplicaSet()
  store = await openStore({
    url: servers.address,
    database: 'stepped_down',
    appName: 'test',
    secretKey: 'a secret of at least thirty-two bytes',
  })
  await store.ensureIndexes()
})
after(async () => {
  await store?.close()
  await servers?.stop()
})

test('a claim whose answer is lost with its primary is read back from the next one, and nobody wins a row twice', async () => {
  const messages = Array.from({ length: ROWS }, () => ingested())
  await store.ledger.insert(messages, new Date())
  const ids = messages.map(({ record }) => record.id)
  const rows = store.db.collection<MessageDocument>('messages')
  // Some are somebody else's already, so that a count alone would not tell which.
  const early = new Set(await store.ledger.claim({ ids: ids.slice(0, 20), token: 'early', by: 'early' }))

  const token = randomUUID()
  let others: Promise<ReadonlySet<string>> | undefined
  const loseAnswer = async () => {
    others = claimUntilAnswered(ids, 'theirs')
    await servers.stepDown(10)
  }
  const ours = await claimMessages(withLostAnswer(rows, loseAnswer), { ids, token, by: 'ours' })
  const theirs = (await others) ?? new Set()

  assert.deepEqual([early.size, [...ours].filter((id) => theirs.has(id))], [20, []])
  assert.equal(ours.size + theirs.size + early.size, ROWS)
  const held = await rows.find({ claim: token, status: 'sending' }, { readConcern: 'majority' }).toArray()
  assert.deepEqual(new Set(held.map(({ _id }) => _id)), ours)
  assert.ok(ours.size > 0, 'what was written before the step-down is ours')
})

test('an outcome whose answer is lost with its primary is written once', async () => {
  const message = ingested()
  const { id } = message.record
  await store.ledger.insert([message], new Date())
  await store.ledger.claim({ ids: [id], token: 'token', by: 'process' })
  const attempt = { number: 1, startedAt: new Date(), durationMs: 1, outcome: 'sent' } as const
  const outcome = {
    id,
    claim: 'token',
    attempt,
    counted: true,
    status: 'sent',
    providerMessageId: 'K',
    by: 'answer',
  } as const
  await Promise.all([servers.stepDown(10), store.ledger.recordOutcomes([outcome])])
  const row = await store.ledger.findOwned('ana', id)
  assert.deepEqual([row?.status, row?.attempts.length, row?.attemptsCount], ['sent', 1, 1])
})

/** Another owner, who believes in these rows as well. */
async function claimUntilAnswered(ids: readonly string[], by: string): Promise<ReadonlySet<string>> {
  for (;;) {
    try {
      return await store.ledger.claim({ ids, token: `${by}-${randomUUID()}`, by })
    } catch {}
  }
}
