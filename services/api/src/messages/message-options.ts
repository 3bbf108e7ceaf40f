import { OnAmbiguous, Priority } from '@whatsapp-sender/contract'
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
}

/** The caller's own of one message. */
export const callersOwn = {
  reference: Reference.optional(),
  metadata: Metadata.optional(),
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
