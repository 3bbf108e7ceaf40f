import type { Undecodable } from '@whatsapp-sender/store'
import type { RequestHandler } from 'express'
import type { Audit } from '../http/audit.ts'
import type { Authenticate } from '../http/authenticate.ts'
import { parseParams } from '../http/parse.ts'
import { ProblemError } from '../http/problem.ts'
import { UndecodableParams } from './undecodable-id.ts'

export function discardUndecodableRoute(o: {
  authenticate: Authenticate
  audit: Audit
  removeUndecodable: Undecodable['remove']
}): RequestHandler {
  return async (req, res) => {
    const principal = await o.authenticate(req, res, 'undecodable')
    const { id } = parseParams(UndecodableParams, req)
    if (!(await o.removeUndecodable(id))) throw new ProblemError('undecodable-not-found', 'There is no such record.')
    await o.audit(req, { by: principal.id, action: 'undecodable.discarded', target: id })
    res.status(204).end()
  }
}
