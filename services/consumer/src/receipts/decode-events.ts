import {
  decodeEvolutionEvent,
  type EvolutionEventRecord,
  isPhoneNumber,
  type UndecodableReason,
} from '@whatsapp-sender/contract'
import type { OptOut, Receipt, SentEvidence } from '@whatsapp-sender/store'
import { receiptStatusOf } from './receipt-status.ts'

type RecordLike = Readonly<{ offset: string; value: Buffer | null }>

/** What a run of records says. `newer`: the record after them was written by a later version and must not be read. */
export type DecodedEvents<R> = Readonly<{
  receipts: readonly Receipt[]
  sent: readonly SentEvidence[]
  optOuts: readonly OptOut[]
  /** Ids of instances whose live state is to be looked at. */
  checks: readonly string[]
  /** Ids of instances that have no login. */
  qrNeeded: readonly string[]
  undecodable: readonly Readonly<{ record: R; reason: UndecodableReason; detail: string }>[]
  /** Offset of the last record that was read. */
  lastOffset: string | undefined
  newer?: Readonly<{ offset: string; version: number }>
}>

/** Never throws. */
export function decodeEvents<R extends RecordLike>(records: readonly R[]): DecodedEvents<R> {
  const receipts: Receipt[] = []
  const sent: SentEvidence[] = []
  const optOuts: OptOut[] = []
  const checks = new Set<string>()
  const qrNeeded = new Set<string>()
  const undecodable: DecodedEvents<R>['undecodable'][number][] = []
  const read = () => ({ receipts, sent, optOuts, checks: [...checks], qrNeeded: [...qrNeeded], undecodable })
  let lastOffset: string | undefined
  for (const record of records) {
    const decoded = decodeEvolutionEvent(record.value)
    if (decoded.kind === 'newer')
      return { ...read(), lastOffset, newer: { offset: record.offset, version: decoded.version } }
    lastOffset = record.offset
    if (decoded.kind === 'undecodable') {
      undecodable.push({ record, reason: decoded.reason, detail: decoded.detail })
      continue
    }
    const event = decoded.record
    if (event.kind === 'connection') {
      checks.add(event.instanceId)
      if (event.needsQr) qrNeeded.add(event.instanceId)
    } else if (event.kind === 'sent') sent.push(evidenceOf(event))
    else if (event.kind === 'opt-out') optOuts.push(...optOutsOf(event))
    else receipts.push(...receiptsOf(event))
  }
  return { ...read(), lastOffset }
}

function evidenceOf(event: Extract<EvolutionEventRecord, { kind: 'sent' }>): SentEvidence {
  const { instanceId, keyId, remoteJid, textHash, receivedAt } = event
  return { instanceId, keyId, status: 'sent', remoteJid, textHash, at: new Date(receivedAt) }
}

function receiptsOf(event: Extract<EvolutionEventRecord, { kind: 'receipt' }>): Receipt[] {
  const { instanceId, keyId, receivedAt } = event
  const status = receiptStatusOf(event.status)
  return status === undefined ? [] : [{ instanceId, keyId, status, at: new Date(receivedAt) }]
}

function optOutsOf(event: Extract<EvolutionEventRecord, { kind: 'opt-out' }>): OptOut[] {
  const { instanceId, number, word, receivedAt } = event
  return isPhoneNumber(number) ? [{ instanceId, number, word, at: new Date(receivedAt) }] : []
}
