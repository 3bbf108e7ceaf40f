import { ARROWS, type MessageStatus, sourcesOf } from '@whatsapp-sender/contract'
import { twice } from './claim-messages.ts'
import type { MessageCollection, MessageDocument } from './message-document.ts'
import type { EndReason } from './message-row.ts'
import { tell } from './outbox.ts'

export type Receipt = Readonly<{
  instanceId: string
  keyId: string
  status: 'DELIVERY_ACK' | 'READ' | 'PLAYED' | 'ERROR'
  at: Date
}>

/** A receipt of a message that is traced. */
export type TracedReceipt = Readonly<{ receipt: Receipt; messageId: string; traceparent: string }>

/**
 * - `unknown`: the places (indexes) of receipts whose `keyId` no row of that instance has, or not yet
 * - `traced`: those of messages that are traced, if there are some
 */
export type AppliedReceipts = Readonly<{ unknown: number[]; traced?: readonly TracedReceipt[] }>

/** Moves `sent` messages on, never back. Repeating it is safe. */
export async function applyReceipts(rows: MessageCollection, receipts: readonly Receipt[]): Promise<AppliedReceipts> {
  if (receipts.length === 0) return { unknown: [] }
  const known = await rowsKnowing(rows, receipts)
  const unknown: number[] = []
  const traced: TracedReceipt[] = []
  const ofRow = new Map<string, Receipt[]>()
  receipts.forEach((receipt, index) => {
    const row = known.get(placeOf(receipt))
    if (row === undefined) unknown.push(index)
    else if (!ofRow.get(row._id)?.push(receipt)) ofRow.set(row._id, [receipt])
    if (row?.traceparent !== undefined) traced.push({ receipt, messageId: row._id, traceparent: row.traceparent })
  })
  if (ofRow.size > 0) await writeReceipts(rows, ofRow)
  return { unknown, ...(traced.length > 0 && { traced }) }
}

/** Which of these ids some row knows, as `instanceId/keyId`. */
export async function providerIdsKnown(
  rows: MessageCollection,
  ids: readonly ProviderId[],
): Promise<ReadonlySet<string>> {
  return new Set((await rowsKnowing(rows, ids)).keys())
}

type ProviderId = Readonly<{ instanceId: string; keyId: string }>

type KnowingRow = Pick<MessageDocument, '_id' | 'instanceId' | 'providerIds' | 'traceparent'>

/** Rows by `instanceId/keyId`. */
async function rowsKnowing(
  rows: MessageCollection,
  ids: readonly ProviderId[],
): Promise<ReadonlyMap<string, KnowingRow>> {
  const found = await rows
    .find<KnowingRow>(
      { providerIds: { $in: [...new Set(ids.map(({ keyId }) => keyId))] } },
      { projection: { instanceId: 1, providerIds: 1, traceparent: 1 } },
    )
    .toArray()
  return new Map(
    found.flatMap((row) =>
      (row.providerIds ?? []).map((keyId) => [placeOf({ instanceId: row.instanceId, keyId }), row] as const),
    ),
  )
}

function placeOf({ instanceId, keyId }: ProviderId): string {
  return `${instanceId}/${keyId}`
}

const MOVES_TO = { DELIVERY_ACK: 'delivered', READ: 'read', PLAYED: 'read', ERROR: 'failed' } as const

const MOVABLE = [...new Set(ARROWS.filter(({ by }) => by === 'receipt').map(({ from }) => from))]

const REFUSED: EndReason = {
  code: 'refused-by-whatsapp',
  detail: 'WhatsApp refused the message after Evolution API had taken it.',
}

/** One update of all rows; what it does to a row depends on the row's status at that moment. */
async function writeReceipts(rows: MessageCollection, ofRow: ReadonlyMap<string, readonly Receipt[]>): Promise<void> {
  const ids = [...ofRow.keys()]
  const receipts = [...ofRow.values()]
  const pick = (value: (each: readonly Receipt[]) => MessageStatus | Date | undefined) => ({
    $arrayElemAt: [{ $literal: receipts.map((each) => value(each) ?? null) }, '$_at'],
  })
  const firstAt = (...statuses: Receipt['status'][]) =>
    pick((each) => each.find((receipt) => statuses.includes(receipt.status))?.at)
  const status = MOVABLE.reduce<unknown>(
    (otherwise, from) => ({ $cond: [{ $eq: ['$status', from] }, pick((each) => statusAfter(from, each)), otherwise] }),
    '$status',
  )
  const unlessMoved = (field: string) => ({ $cond: [{ $eq: ['$_status', '$status'] }, field, '$$REMOVE'] })
  const onlyIfRefused = (value: unknown, field: string) => ({
    $cond: [{ $and: [{ $eq: ['$_status', 'failed'] }, { $ne: ['$status', 'failed'] }] }, value, field],
  })

  await twice(() =>
    rows.updateMany({ _id: { $in: ids } }, [
      { $set: { _at: { $indexOfArray: [{ $literal: ids }, '$_id'] } } },
      { $set: { _status: status, _from: '$status' } },
      {
        $set: {
          status: '$_status',
          askAt: unlessMoved('$askAt'),
          asked: unlessMoved('$asked'),
          stuck: unlessMoved('$stuck'),
          deliveredAt: { $ifNull: ['$deliveredAt', firstAt('DELIVERY_ACK'), '$$REMOVE'] },
          readAt: { $ifNull: ['$readAt', firstAt('READ', 'PLAYED'), '$$REMOVE'] },
          playedAt: { $ifNull: ['$playedAt', firstAt('PLAYED'), '$$REMOVE'] },
          failedAt: onlyIfRefused(firstAt('ERROR'), '$failedAt'),
          attention: onlyIfRefused(1, '$attention'),
          reason: onlyIfRefused({ $literal: REFUSED }, '$reason'),
        },
      },
      tell({ $concat: ['message.', '$status'] }, { when: { $ne: ['$_from', '$status'] } }),
      { $unset: ['_at', '_status', '_from'] },
    ]),
  )
}

function statusAfter(from: MessageStatus, receipts: readonly Receipt[]): MessageStatus {
  return receipts.reduce<MessageStatus>((status, receipt) => {
    const to = MOVES_TO[receipt.status]
    return sourcesOf(to, 'receipt').includes(status) ? to : status
  }, from)
}
