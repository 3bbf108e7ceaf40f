import { isJid, OnAmbiguous, Priority } from '@whatsapp-sender/contract'
import { z } from 'zod'
import type { FieldFault } from '../http/problem.ts'
import { Metadata, Reference } from './metadata.ts'
import { Moment, SendAt, TtlSeconds } from './moment.ts'

/** What may be said of how messages are sent, of one or of many at once. */
export const sendingOptions = {
  onAmbiguous: OnAmbiguous.optional(),
  sendAt: SendAt.optional(),
  expiresAt: Moment.optional(),
  ttlSeconds: TtlSeconds.optional(),
  priority: Priority.optional(),
  /** `to` may be a group or a hidden number. */
  allowJid: z.boolean().optional(),
}

/** The caller's own of one message. */
export const callersOwn = {
  reference: Reference.optional(),
  metadata: Metadata.optional(),
}

/** What is wrong with a `to` that is no number: nobody writes to a group by mistake. */
export function faultOfRecipient({
  to,
  allowJid,
}: Readonly<{ to: string; allowJid?: boolean | undefined }>): string | undefined {
  return allowJid === true || !isJid(to) ? undefined : 'is a JID: say "allowJid": true if it is meant'
}

/** What no field of them shows alone. */
export function faultsOfTimes(
  o: Readonly<{ sendAt?: Date | undefined; expiresAt?: Date | undefined; ttlSeconds?: number | undefined }>,
): readonly FieldFault[] {
  const { sendAt, expiresAt, ttlSeconds } = o
  if (expiresAt === undefined) return []
  return [
    ...(ttlSeconds === undefined ? [] : [{ field: 'ttlSeconds', message: 'must not be there beside expiresAt' }]),
    ...(sendAt && expiresAt <= sendAt ? [{ field: 'expiresAt', message: 'must be after sendAt' }] : []),
  ]
}
