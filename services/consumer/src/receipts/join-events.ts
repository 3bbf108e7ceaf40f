import type {
  Instances,
  Ledger,
  OptOut,
  PendingReceipts,
  Receipt,
  SentEvidence,
  Suppressions,
} from '@whatsapp-sender/store'

export type JoinableEvents = Readonly<{
  receipts: readonly Receipt[]
  sent: readonly SentEvidence[]
  optOuts: readonly OptOut[]
  checks: readonly string[]
  qrNeeded: readonly string[]
}>

export type JoinCounts = Readonly<{ joined: number; pending: number }>

export type JoinTargets = Readonly<{
  ledger: Pick<Ledger, 'applyReceipts' | 'providerIdsKnown'>
  pendingReceipts: Pick<PendingReceipts, 'store'>
  instances: Pick<Instances, 'requestCheck' | 'noteQrNeeded'>
  suppressions: Pick<Suppressions, 'optOut'>
}>

/**
 * Brings events to the rows they speak of; what no row knows is kept for later. Repeating it is safe. When it returns,
 * everything is stored and the records need not be read again.
 */
export async function joinEvents(
  { receipts, sent, optOuts, checks, qrNeeded }: JoinableEvents,
  { ledger, pendingReceipts, instances, suppressions }: JoinTargets,
): Promise<JoinCounts> {
  // Before the live state is asked for: whoever finds the instance connected takes it back.
  await Promise.all([...new Set(qrNeeded)].map(instances.noteQrNeeded))
  const [{ unknown }, known] = await Promise.all([
    ledger.applyReceipts(receipts),
    sent.length === 0 ? NONE : ledger.providerIdsKnown(sent),
    suppressions.optOut(optOuts),
    ...[...new Set(checks)].map((instanceId) => instances.requestCheck(instanceId)),
  ])
  const unjoined = new Set(unknown)
  const pending = receipts.filter((_, index) => unjoined.has(index))
  const evidence = sent.filter(({ instanceId, keyId }) => !known.has(`${instanceId}/${keyId}`))
  await pendingReceipts.store([...pending, ...evidence])
  return { joined: receipts.length - pending.length, pending: pending.length }
}

const NONE: ReadonlySet<string> = new Set()
