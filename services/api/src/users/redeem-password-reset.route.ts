import type { RequestHandler } from 'express'
import { z } from 'zod'
import type { Audit } from '../http/audit.ts'
import { parseBody } from '../http/parse.ts'
import { ProblemError } from '../http/problem.ts'
import { limitOrRefuse, type RequestLimit } from '../http/request-limit.ts'
import type { RedeemPasswordReset } from './redeem-password-reset.ts'
import { weakPassword } from './weak-password.ts'

export const RedeemResetBody = z.strictObject({
  token: z.string().min(1).max(256),
  password: z.string().min(1).max(1024),
})

export function redeemPasswordResetRoute(o: {
  audit: Audit
  redeemReset: RedeemPasswordReset
  resetLimit: RequestLimit
}): RequestHandler {
  return async (req, res) => {
    const asked = parseBody(RedeemResetBody, req)
    await limitOrRefuse(o.resetLimit, req)
    const result = await o.redeemReset(asked)
    switch (result.kind) {
      case 'done':
        await o.audit(req, { by: result.user, action: 'password.reset', target: result.user })
        return void res.status(204).end()
      case 'refused':
        throw new ProblemError('unauthenticated', 'The token is not valid.')
      case 'weak-password':
        throw weakPassword('password', result.why)
      case 'busy':
        throw new ProblemError('overloaded', 'Too many passwords at once.', { retryAfterSeconds: 2 })
    }
  }
}
