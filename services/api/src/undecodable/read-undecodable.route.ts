import type { Undecodable } from '@whatsapp-sender/store'
import type { RequestHandler } from 'express'
import type { Authenticate } from '../http/authenticate.ts'
import { parseParams } from '../http/parse.ts'
import { ProblemError } from '../http/problem.ts'
import { UndecodableParams } from './undecodable-id.ts'
import { undecodableView } from './undecodable-view.ts'

export function readUndecodableRoute(o: {
  authenticate: Authenticate
  findUndecodable: Undecodable['find']
}): RequestHandler {
  return async (req, res) => {
    await o.authenticate(req, res, 'undecodable')
    const { id } = parseParams(UndecodableParams, req)
    const record = await o.findUndecodable(id)
    if (record === undefined) throw new ProblemError('undecodable-not-found', 'There is no such record.')
    res.json(undecodableView(record))
  }
}
