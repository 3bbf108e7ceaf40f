import type { Recipient } from '@whatsapp-sender/contract'
import type { RequestHandler } from 'express'
import type { Authenticate } from '../http/authenticate.ts'
import { parseParams } from '../http/parse.ts'
import type { RecipientSchema } from '../messages/recipient.ts'
import { notListed } from './found-or-refuse.ts'
import { suppressionParams } from './suppression-params.ts'

export function removeSuppressionRoute(o: {
  authenticate: Authenticate
  recipient: RecipientSchema
  unsuppress(user: string, number: Recipient): Promise<boolean>
}): RequestHandler {
  const Params = suppressionParams(o.recipient)
  return async (req, res) => {
    const { id: user } = await o.authenticate(req, res, 'messages:send')
    const { number } = parseParams(Params, req)
    if (!(await o.unsuppress(user, number))) throw notListed()
    res.status(204).end()
  }
}
