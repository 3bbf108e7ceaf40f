import { isJid, OnAmbiguous, Priority } from '@whatsapp-sender/contract'
import { z } from 'zod'
import type { FieldFault } from '../http/problem.ts'
import { Metadata, Reference } from './metadata.ts'
import { Moment, SendAt, TtlSeconds } from './moment.ts'

/** What may be said of how messages are sent, of one or of many at once. */
export const sendingOptions = {
  onAmbiguous: OnAmbiguous.optional().describe(
    'What is done when it may have been sent and nobody can know. Left out: as the profile says.',
  ),
  sendAt: SendAt.optional().describe('Not before this moment; at most a year ahead.'),
  expiresAt: Moment.optional().describe('Not after this moment, whatever holds it up.'),
  ttlSeconds: TtlSeconds.optional().describe(
    'As `expiresAt`, counted from acceptance or from `sendAt`. Not beside `expiresAt`.',
  ),
  priority: Priority.optional().describe("Which recipient's turn is next; left out: `normal`."),
  allowJid: z.boolean().optional().describe('`to` may be a group or a hidden number.'),
}

/** The caller's own of one message. */
export const callersOwn = {
  reference: Reference.optional().describe('Your own name for it: echoed, and a filter of lists.'),
  metadata: Metadata.optional().describe('Your own facts: up to 20 names, echoed.'),
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
