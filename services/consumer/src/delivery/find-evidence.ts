import { digitVariantsOf, echoHashOf, isJid, isPhoneNumber } from '@whatsapp-sender/contract'
import type { Contacts, LaneRow, PendingReceipts } from '@whatsapp-sender/store'

export type EvidenceParts = Readonly<{
  pendingReceipts: Pick<PendingReceipts, 'evidenceFor' | 'markEvidenceUsed'>
  /** How WhatsApp calls this recipient, when an earlier answer told. */
  learnedJid(instanceId: string, number: string): Promise<string | undefined>
}>

/**
 * Attempts and events both carry the database's clock, but one may have it from another member than the other, or from
 * the last heartbeat. Members of a replica set are kept to the same time to well under a second; this is ten times that
 * and the way of a heartbeat. It only makes the search wider, and more than one candidate is none.
 */
const CLOCK_SKEW_MS = 5000

/**
 * WhatsApp's id of an attempt that began at `startedAt`, if Evolution told of exactly one message that can be it: from
 * that instance, to that recipient, with that content, and no other message's. Of some kinds no event tells enough.
 */
export async function findEvidence(
  { pendingReceipts, learnedJid }: EvidenceParts,
  row: LaneRow,
  startedAt: Date,
): Promise<string | undefined> {
  const textHash = echoHashOf(row)
  if (textHash === undefined) return undefined
  const found = await pendingReceipts.evidenceFor({
    instanceId: row.instanceId,
    textHash,
    from: new Date(startedAt.getTime() - CLOCK_SKEW_MS),
    messageId: row.id,
  })
  if (found.length === 0) return undefined
  const learned = await learnedJid(row.instanceId, row.to)
  const [only, another] = found.filter(({ remoteJid }) => remoteJid === learned || isRecipient(row.to, remoteJid))
  if (only === undefined || another !== undefined) return undefined
  return (await pendingReceipts.markEvidenceUsed(only.id, row.id)) ? only.keyId : undefined
}

/** Digits before `@lid` are no telephone number, whatever they look like. */
function isRecipient(to: string, remoteJid: string): boolean {
  if (isJid(to)) return remoteJid === to
  const [user = '', server] = remoteJid.split('@')
  if (server !== undefined && server !== 's.whatsapp.net') return false
  return isPhoneNumber(to) && digitVariantsOf(to).includes(user.split(':')[0] ?? '')
}

export function learnedJids(contacts: Pick<Contacts, 'find'>): EvidenceParts['learnedJid'] {
  return async (instanceId, number) => (await contacts.find(instanceId, [number])).get(number)?.remoteJid
}
