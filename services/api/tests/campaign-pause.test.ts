import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, test } from 'node:test'
import { campaignMessageId } from '@whatsapp-sender/contract'
import type { CampaignPart, Instance, Store } from '@whatsapp-sender/store'
import { createFeedCampaign } from '../src/campaigns/feed-campaign.ts'
import { recordOf } from './ledger-messages.ts'
import { ANA, openOwnStore } from './own-store.ts'

const ROWS_EACH = 800
/** Rows that become messages in one go. */
const CHUNK_ROWS = 500
const INSTANCES = ['north', 'south']

let store: Store
let drop: () => Promise<void>

before(async () => {
  const own = await openOwnStore()
  store = own.store
  drop = own.drop
})
after(() => drop())

for (const move of ['pause', 'cancel'] as const)
  test(`a ${move} that comes while rows become messages lets no more of them become any, and loses none`, async () => {
    const which = { id: randomUUID(), user: ANA.id }
    const upload = await startedCampaign(which)
    const lease = randomUUID()
    const campaign = (await store.campaigns.claimDue(lease, 30_000)) ?? assert.fail('it is not due')
    const published: string[] = []
    const feedCampaign = createFeedCampaign({
      ...store,
      userById: () => ANA,
      instances: { usable: instanceOf },
      judgeRow: async ({ line, value }) => {
        const { instance, to } = rowOf(value)
        const record = recordOf(ANA.id, { id: campaignMessageId(which.id, line), campaign: which.id, instance, to })
        const row = { line, instance, to, body: '{}' }
        return { kind: 'fit', row, record, encoded: Buffer.from('') }
      },
      publishAll: async (messages) => {
        published.push(...messages.map(({ record }) => record.id))
        if (published.length === messages.length) await store.campaigns[move](which)
        return messages.map(() => 'published')
      },
      onFed: () => {},
    })

    assert.equal(await feedCampaign({ campaign, lease, signal: new AbortController().signal }), 'again')
    assert.equal(published.length, CHUNK_ROWS)
    const parts = (await store.campaigns.find(which))?.parts ?? []
    assert.deepEqual(
      parts.map(({ fed }) => fed),
      [CHUNK_ROWS, 0],
    )
    const [first] = parts
    assert.ok(first !== undefined)
    const kept = await store.campaignRows.next(upload, { ...first, line: 0 }, ROWS_EACH)
    // What became a message is not kept, and what did not is.
    assert.deepEqual([kept.length, kept[0]?.line], [ROWS_EACH - CHUNK_ROWS, CHUNK_ROWS + 1])
  })

/** Id of its upload: rows of two instances. */
async function startedCampaign(which: Readonly<{ id: string; user: string }>): Promise<string> {
  const { campaigns, campaignRows } = store
  const upload = randomUUID()
  const settings = JSON.stringify({ priority: 'bulk' })
  await campaigns.create({ ...which, name: 'spring', settings, bodyHash: '' })
  await campaigns.beginUpload(which, upload)
  const parts: CampaignPart[] = []
  for (const [at, instance] of INSTANCES.entries()) {
    const rows = Array.from({ length: ROWS_EACH }, (_, n) => {
      const to = `+55119${String(80_001_000 + n)}`
      return { line: at * ROWS_EACH + n + 1, instance, to, body: JSON.stringify({ to }) }
    })
    await campaignRows.insert(upload, rows)
    parts.push({ instance, instanceId: instance, rows: ROWS_EACH, fed: 0, refused: 0, line: 0, tail: [] })
  }
  await campaigns.endUpload({ ...which, upload }, { total: 2 * ROWS_EACH, faulty: 0, parts })
  const started = await campaigns.start(which)
  assert.equal(started?.kind, 'done')
  return upload
}

function instanceOf(name: string): Instance {
  return {
    id: name,
    name,
    owner: ANA.id,
    ownerActive: true,
    channel: 'baileys',
    evolutionToken: '',
    webhookSecretHash: '',
    paused: false,
    state: 'open',
    createdAt: new Date(0),
    updatedAt: new Date(0),
    revision: 1,
  }
}

function rowOf(value: unknown): Readonly<{ instance: string; to: string }> {
  const { instance, to } = Object(value)
  return { instance: String(instance), to: String(to) }
}
