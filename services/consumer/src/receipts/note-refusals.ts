import { newContactPauseEnd, type Pace } from '@whatsapp-sender/contract'
import type { Contacts, Ledger, PaceAccounts, Receipt } from '@whatsapp-sender/store'

/**
 * Applies receipts and learns from refusals. WhatsApp answers a first word to a stranger, once there were too many of
 * them, with a refusal that names no reason. So a refused first message pauses all first messages of its instance, and
 * only these; replies and known recipients go on.
 */
export function notingRefusals({
  applyReceipts,
  contacts,
  paceAccounts,
  paceOf,
  requestCheck,
  storeNow,
  onPaused,
}: Readonly<{
  applyReceipts: Ledger['applyReceipts']
  contacts: Pick<Contacts, 'firstSentAs' | 'forgetFirst'>
  paceAccounts: Pick<PaceAccounts, 'pauseNewContacts'>
  paceOf(instanceId: string): Pick<Pace, 'timeZone'>
  /** Tells the owner to look at what is kept of the instance. */
  requestCheck(instanceId: string): Promise<void>
  storeNow(): number
  onPaused(instanceId: string, until: Date): void
}>): Ledger['applyReceipts'] {
  return async (receipts) => {
    const applied = await applyReceipts(receipts)
    const refused = refusedAmong(receipts, new Set(applied.unknown))
    if (refused.length === 0) return applied
    const recipients = await contacts.firstSentAs(refused)
    const instances = new Set(recipients.map(({ instanceId }) => instanceId))
    for (const instanceId of instances) {
      const until = newContactPauseEnd(paceOf(instanceId), storeNow())
      await paceAccounts.pauseNewContacts(instanceId, until)
      onPaused(instanceId, new Date(until))
    }
    // Last but for the owner's look: whoever repeats this after a fault must find them again.
    await contacts.forgetFirst(recipients)
    for (const instanceId of instances) await requestCheck(instanceId)
    return applied
  }
}

function refusedAmong(receipts: readonly Receipt[], unknown: ReadonlySet<number>): Receipt[] {
  return receipts.filter(({ status }, index) => status === 'ERROR' && !unknown.has(index))
}
