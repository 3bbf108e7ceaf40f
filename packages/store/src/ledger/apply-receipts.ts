import { type MessageStatus, sourcesOf } from '@whatsapp-sender/contract'
import type { mongo } from 'mongoose'
import type { MessageCollection, MessageDocument } from './message-document.ts'

export type Receipt = Readonly<{
  instanceId: string
  keyId: string
  status: 'DELIVERY_ACK' | 'READ' | 'PLAYED' | 'ERROR'
  at: Date
}>

/**
 * Moves `sent` messages on, never back. Returns the places (indexes) of receipts whose `keyId` no row of that instance
 * has, or not yet.
 */
export async function applyReceipts(
  rows: MessageCollection,
  receipts: readonly Receipt[],
): Promise<{ unknown: number[] }> {
  if (receipts.length === 0) return { unknown: [] }
  const known = await providerIdsKnown(rows, receipts)
  const unknown: number[] = []
  const updates: mongo.AnyBulkWriteOperation<MessageDocument>[] = []
  receipts.forEach((receipt, index) => {
    if (!known.has(placeOf(receipt))) unknown.push(index)
    else updates.push(...updatesOf(receipt))
  })
  if (updates.length > 0) await rows.bulkWrite(updates, { ordered: true })
  return { unknown }
}

/** Which of these ids some row knows, as `instanceId/keyId`. */
export async function providerIdsKnown(
  rows: MessageCollection,
  ids: readonly Readonly<{ instanceId: string; keyId: string }>[],
): Promise<Set<string>> {
  const found = await rows
    .find(
      { providerIds: { $in: [...new Set(ids.map(({ keyId }) => keyId))] } },
      { projection: { instanceId: 1, providerIds: 1 } },
    )
    .toArray()
  return new Set(
    found.flatMap((row) => (row.providerIds ?? []).map((keyId) => placeOf({ instanceId: row.instanceId, keyId }))),
  )
}

function placeOf({ instanceId, keyId }: Readonly<{ instanceId: string; keyId: string }>): string {
  return `${instanceId}/${keyId}`
}

type Update = {
  updateOne: {
    filter: mongo.Filter<MessageDocument>
    update: mongo.UpdateFilter<MessageDocument>
  }
}

function updatesOf({ instanceId, keyId, status, at }: Receipt): Update[] {
  const row = { instanceId, providerIds: keyId }
  const move = (to: MessageStatus, set: Partial<MessageDocument>): Update => ({
    updateOne: {
      filter: { ...row, status: { $in: sourcesOf(to, 'receipt') } },
      update: { $set: { ...set, status: to }, $unset: { awaitingSince: '' } },
    },
  })
  const note = (field: 'deliveredAt' | 'readAt' | 'playedAt'): Update => ({
    updateOne: {
      filter: { ...row, [field]: { $exists: false } },
      update: { $set: { [field]: at } },
    },
  })
  switch (status) {
    case 'DELIVERY_ACK':
      return [move('delivered', {}), note('deliveredAt')]
    case 'READ':
      return [move('read', {}), note('readAt')]
    case 'PLAYED':
      return [move('read', {}), note('readAt'), note('playedAt')]
    case 'ERROR':
      return [
        move('failed', {
          failedAt: at,
          attention: 1,
          reason: {
            code: 'refused-by-whatsapp',
            detail: 'WhatsApp refused the message after Evolution API had taken it.',
          },
        }),
      ]
  }
}
