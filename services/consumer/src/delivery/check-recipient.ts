import { type CheckNumber, digitsOf, isPhoneNumber, type SendFailure } from '@whatsapp-sender/contract'
import type { EvolutionServers } from '@whatsapp-sender/evolution-client'
import type { Contacts, LaneRow } from '@whatsapp-sender/store'

/** Why the message must not be sent now, or ever; undefined: it may. */
export type CheckRecipient = (
  row: LaneRow,
  /** `mayStill`: all that let the message begin still holds. */
  o: Readonly<{ server: string | undefined; apiKey: string; mayStill(): boolean }>,
) => Promise<SendFailure | undefined>

/**
 * Asks WhatsApp whether the recipient is there, as far as the instance wants it and it is not known. Nothing of the message
 * leaves by that, so whatever became of the question is never ambiguous. It may take as long as a send, and what let the
 * message begin may be over by then.
 */
export function createCheckRecipient({
  policyOf,
  contacts,
  evolution,
}: Readonly<{
  policyOf(row: LaneRow): CheckNumber
  contacts: Pick<Contacts, 'whatIsKnownOf' | 'recordExisting'>
  evolution: Pick<EvolutionServers, 'whatsappNumbers'>
}>): CheckRecipient {
  return async (row, { server, apiKey, mayStill }) => {
    const policy = policyOf(row)
    const { to, instance, instanceId } = row
    if (policy === 'never' || !isPhoneNumber(to)) return undefined
    // Without the database it has to be asked; that it cannot be remembered harms nothing.
    const known = await contacts.whatIsKnownOf(instanceId, to).catch(() => 'nothing')
    if (known === 'exists' || (policy === 'first' && known === 'known')) return undefined
    const digits = digitsOf(to)
    const answer = await evolution.whatsappNumbers({ server, instance, apiKey, numbers: [digits] })
    if ('failure' in answer) return passedOver(answer.failure)
    const found = answer.numbers.find(({ number }) => number === digits)
    if (found === undefined) return UNANSWERED
    if (!found.exists) return NOT_ON_WHATSAPP
    await contacts.recordExisting(instanceId, [{ number: to, jid: found.jid }]).catch(() => {})
    return mayStill() ? undefined : LATE
  }
}

/** Channels that have no such question send as ever. */
function passedOver(failure: SendFailure): SendFailure | undefined {
  if (failure.code === 'setup-refused') return undefined
  if (failure.kind !== 'ambiguous') return failure
  return { ...failure, kind: failure.ofServer ? 'server-down' : 'transient' }
}

const NOT_ON_WHATSAPP: SendFailure = {
  kind: 'permanent',
  code: 'not-on-whatsapp',
  detail: 'the number is not on WhatsApp; it was looked up before the send',
}

const UNANSWERED: SendFailure = {
  kind: 'transient',
  code: 'number-unanswered',
  detail: 'the check of the number says nothing of it',
}

/** What it found is remembered, so the next try need not ask. */
const LATE: SendFailure = {
  kind: 'server-down',
  code: 'number-check-late',
  detail: 'the check of the number took so long that the message could not be sent any more; nothing left',
}
