import type { Recipient } from '@whatsapp-sender/contract'
import type { RequestHandler } from 'express'
import { z } from 'zod'
import type { Authenticate } from '../http/authenticate.ts'
import { readJsonBody } from '../http/json-body.ts'
import { parseBody, parseOrFaults } from '../http/parse.ts'
import { mapInTurns } from '../map-in-turns.ts'
import type { RecipientSchema } from '../messages/recipient.ts'
import { Reason } from './suppression-params.ts'

const NUMBERS_MAX = 10_000
const BODY_BYTES_MAX = 512 * 1024

export const ImportSuppressionsBody = z.strictObject({
  numbers: z
    .array(z.unknown().meta({ override: { type: 'string' } }))
    .min(1)
    .max(NUMBERS_MAX),
  reason: Reason.optional(),
})

export function importSuppressionsRoute(o: {
  authenticate: Authenticate
  recipient: RecipientSchema
  suppress(user: string, numbers: readonly Recipient[], reason: string | undefined): Promise<void>
}): RequestHandler {
  const readBody = readJsonBody({ bytesMax: BODY_BYTES_MAX })
  return async (req, res) => {
    const { id: user } = await o.authenticate(req, res, 'messages:send')
    await readBody(req, res)
    const { numbers, reason } = parseBody(ImportSuppressionsBody, req)
    const parsed = await mapInTurns(numbers, (number) => parseOrFaults(o.recipient, number))
    const listed = parsed.flatMap(({ data }) => data ?? [])
    const refused = parsed.flatMap(({ faults }, row) => (faults ? [{ row, message: faults[0]?.message }] : []))
    await o.suppress(user, listed, reason)
    res.json({ listed: listed.length, refused })
  }
}
