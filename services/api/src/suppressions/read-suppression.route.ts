import type { Suppressions } from '@whatsapp-sender/store'
import type { RequestHandler } from 'express'
import type { Authenticate } from '../http/authenticate.ts'
import { parseParams } from '../http/parse.ts'
import type { RecipientSchema } from '../messages/recipient.ts'
import { foundOrRefuse } from './found-or-refuse.ts'
import { suppressionParams } from './suppression-params.ts'
import { suppressionView } from './suppression-view.ts'

export function readSuppressionRoute(o: {
  authenticate: Authenticate
  recipient: RecipientSchema
  findSuppression: Suppressions['find']
}): RequestHandler {
  const Params = suppressionParams(o.recipient)
  return async (req, res) => {
    const { id: user } = await o.authenticate(req, res, 'messages:read')
    const { number } = parseParams(Params, req)
    res.json(suppressionView(foundOrRefuse(await o.findSuppression(user, number))))
  }
}
