import type { Recipient } from '@whatsapp-sender/contract'
import type { Suppressions } from '@whatsapp-sender/store'
import type { RequestHandler } from 'express'
import { z } from 'zod'
import type { Authenticate } from '../http/authenticate.ts'
import { parseBody, parseParams } from '../http/parse.ts'
import type { RecipientSchema } from '../messages/recipient.ts'
import { foundOrRefuse } from './found-or-refuse.ts'
import { Reason, suppressionParams } from './suppression-params.ts'
import { suppressionView } from './suppression-view.ts'

export const AddSuppressionBody = z.strictObject({ reason: Reason.optional() })

export function addSuppressionRoute(o: {
  authenticate: Authenticate
  recipient: RecipientSchema
  suppress(user: string, numbers: readonly Recipient[], reason: string | undefined): Promise<void>
  findSuppression: Suppressions['find']
}): RequestHandler {
  const Params = suppressionParams(o.recipient)
  return async (req, res) => {
    const { id: user } = await o.authenticate(req, res, 'messages:send')
    const { number } = parseParams(Params, req)
    const { reason } = parseBody(AddSuppressionBody, req)
    await o.suppress(user, [number], reason)
    res.json(suppressionView(foundOrRefuse(await o.findSuppression(user, number))))
  }
}
