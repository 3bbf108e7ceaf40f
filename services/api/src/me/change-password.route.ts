import type { RequestHandler } from 'express'
import { z } from 'zod'
import type { Audit } from '../http/audit.ts'
import type { Authenticate } from '../http/authenticate.ts'
import { clientAddressOf } from '../http/client-address.ts'
import { parseBody } from '../http/parse.ts'
import { ProblemError } from '../http/problem.ts'
import { tooManyRequests } from '../http/request-limit.ts'
import { weakPassword } from '../users/weak-password.ts'
import type { ChangePassword } from './change-password.ts'

export const ChangePasswordBody = z.strictObject({
  currentPassword: z.string().min(1).max(1024),
  newPassword: z.string().min(1).max(1024),
})

export function changePasswordRoute(o: {
  authenticate: Authenticate
  audit: Audit
  changePassword: ChangePassword
}): RequestHandler {
  return async (req, res) => {
    const { id: userId } = await o.authenticate(req, res, 'account')
    const asked = parseBody(ChangePasswordBody, req)
    const result = await o.changePassword({ userId, address: clientAddressOf(req), ...asked })
    switch (result.kind) {
      case 'changed':
        await o.audit(req, { by: userId, action: 'password.changed', target: userId })
        return void res.set('Cache-Control', 'no-store').json(result.tokens)
      case 'wrong-password':
        throw new ProblemError('wrong-password', 'The current password is wrong.')
      case 'weak-password':
        throw weakPassword('newPassword', result.why)
      case 'limited':
        throw tooManyRequests(result.retryAfterSeconds)
      case 'busy':
        throw new ProblemError('overloaded', 'Too many passwords at once.', { retryAfterSeconds: 2 })
    }
  }
}
