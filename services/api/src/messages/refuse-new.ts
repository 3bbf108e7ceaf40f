import type { MessageRecord } from '@whatsapp-sender/contract'

/**
 * What a message is refused for unless it was accepted before: a repeated call may come after the message's time, or after
 * its recipient's word. Undefined: nothing.
 */
export type RefuseNew = (record: MessageRecord) => Readonly<{ kind: 'expires-too-soon' | 'suppressed' }> | undefined

export function createRefuseNew(o: {
  /** Undefined: it is not known here; the consumer asks again. */
  isSuppressed(user: string, number: string): boolean | undefined
}): RefuseNew {
  return (record) => {
    if (expiresTooSoon(record)) return TOO_SOON
    return o.isSuppressed(record.user, record.to) === true ? SUPPRESSED : undefined
  }
}

const TOO_SOON = { kind: 'expires-too-soon' } as const
const SUPPRESSED = { kind: 'suppressed' } as const

const VALID_MS_MIN = 1000

/** Seen from its acceptance: what the look-up of its key took since must not make a valid second too short. */
function expiresTooSoon({ acceptedAt, sendAt, expiresAt }: MessageRecord): boolean {
  if (expiresAt === undefined) return false
  const mayLeaveAt = Math.max(Date.parse(acceptedAt), sendAt === undefined ? 0 : Date.parse(sendAt))
  return Date.parse(expiresAt) - mayLeaveAt < VALID_MS_MIN
}
