import type { ApiKeys } from '@whatsapp-sender/store'
import type { RequestHandler } from 'express'
import type { Audit } from '../http/audit.ts'
import type { Authenticate } from '../http/authenticate.ts'
import { parseParams } from '../http/parse.ts'
import { ProblemError } from '../http/problem.ts'
import { ApiKeyParams } from './api-key-id.ts'

/** Another user's key looks like one that does not exist. */
export function revokeApiKeyRoute(o: {
  authenticate: Authenticate
  audit: Audit
  removeApiKey: ApiKeys['remove']
  forgetKnownKey(id: string): void
}): RequestHandler {
  return async (req, res) => {
    const principal = await o.authenticate(req, res, 'account')
    const { id } = parseParams(ApiKeyParams, req)
    if (!(await o.removeApiKey(principal.id, id))) {
      throw new ProblemError('api-key-not-found', 'There is no such API key.')
    }
    o.forgetKnownKey(id)
    await o.audit(req, { by: principal.id, action: 'api-key.revoked', target: id })
    res.status(204).end()
  }
}
