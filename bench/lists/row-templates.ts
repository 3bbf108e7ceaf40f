import { randomUUID } from 'node:crypto'
import type { MessageRecord } from '@whatsapp-sender/contract'
import type { Attempt, MessageDocument, Outcome, Store } from '@whatsapp-sender/store'

/** A row as the ledger makes it, alone and of a campaign, and how often such rows are among a thousand. */
export type Template = Readonly<{ share: number; row: MessageDocument; rowOfCampaign: MessageDocument }>

const SHARES = [
  ['read', 500],
  ['delivered', 380],
  ['sent', 80],
  ['queued', 20],
  ['failed', 12],
  ['dead-lettered', 5],
  ['unknown', 3],
] as const

type Status = (typeof SHARES)[number][0]
type Record = Omit<MessageRecord, 'id'>

/** Rows of each status: whatever the ledger keeps in a row, these have it. */
export async function createTemplates(store: Store, record: Record): Promise<Template[]> {
  return await Promise.all(
    SHARES.map(async ([status, share]) => ({
      share,
      row: await rowOf(store, record, status),
      rowOfCampaign: await rowOf(store, { ...record, campaign: randomUUID() }, status),
    })),
  )
}

async function rowOf({ db, ledger }: Store, record: Record, status: Status): Promise<MessageDocument> {
  const id = randomUUID()
  const message = { record: { ...record, id }, appendedAt: Date.now(), offset: 1n, wake: false }
  await ledger.insert([message], new Date())
  if (status !== 'queued') await ledger.claim({ ids: [id], token: id, by: randomUUID() })
  const providerMessageId = `3EB0${id.slice(0, 18).toUpperCase()}`
  const outcome = outcomeOf(id, status, providerMessageId)
  if (outcome !== undefined) await ledger.recordOutcomes([outcome])
  if (status === 'delivered' || status === 'read') {
    const receipt = status === 'read' ? 'READ' : 'DELIVERY_ACK'
    await ledger.applyReceipts([
      { instanceId: record.instanceId, keyId: providerMessageId, status: receipt, at: new Date() },
    ])
  }
  const row = await db.collection<MessageDocument>('messages').findOne({ _id: id }, { promoteLongs: false })
  if (row?.status !== status) throw new Error(`a row that should be ${status} is ${row?.status}`)
  return row
}

function outcomeOf(id: string, status: Status, providerMessageId: string): Outcome | undefined {
  if (status === 'queued') return undefined
  const common = { id, claim: id, counted: true } as const
  const attempt = (outcome: Attempt['outcome']): Attempt => ({
    number: 1,
    startedAt: new Date(),
    durationMs: 214,
    outcome,
  })
  if (status === 'failed' || status === 'dead-lettered' || status === 'unknown') {
    const detail = 'The number is not on WhatsApp, or it cannot be told whether it is.'
    return { ...common, attempt: attempt(status), status, reason: { code: 'not-on-whatsapp', detail } }
  }
  return { ...common, attempt: attempt('sent'), status: 'sent', providerMessageId, by: 'answer' }
}
