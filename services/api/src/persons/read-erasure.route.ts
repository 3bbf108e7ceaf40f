import type { PersonErasures } from '@whatsapp-sender/store'
import type { RequestHandler } from 'express'
import { z } from 'zod'
import type { Authenticate } from '../http/authenticate.ts'
import { parseParams } from '../http/parse.ts'
import { ProblemError } from '../http/problem.ts'
import { erasureView } from './erasure-view.ts'
import { callerOf, type Whose } from './person-access.ts'

/** `:id` of a route. */
export const ErasureParams = z.object({ id: z.uuid('must be the id of an erasure') })

export function readErasureRoute(o: {
  authenticate: Authenticate
  whose: Whose
  findErasure: PersonErasures['find']
}): RequestHandler {
  return async (req, res) => {
    const { user } = await callerOf(o, { req, res, own: 'messages:read' })
    const { id } = parseParams(ErasureParams, req)
    const erasure = await o.findErasure(id, user)
    if (erasure === undefined) throw new ProblemError('erasure-not-found', 'There is no such erasure.')
    res.json(erasureView(erasure))
  }
}
