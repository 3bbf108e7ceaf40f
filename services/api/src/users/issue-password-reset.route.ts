import type { User } from '@whatsapp-sender/store'
import type { RequestHandler } from 'express'
import type { Audit } from '../http/audit.ts'
import type { Authenticate } from '../http/authenticate.ts'
import type { Once } from '../http/once.ts'
import { parseParams } from '../http/parse.ts'
import { ProblemError } from '../http/problem.ts'
import { UserParams } from './user-params.ts'

/** The administrator hands the token on; the password stays as it is until somebody redeems it. */
export function issuePasswordResetRoute(o: {
  authenticate: Authenticate
  audit: Audit
  once: Once
  findUser(id: string): Promise<User | undefined>
  issueReset(user: string): Promise<Readonly<{ token: string; expiresAt: Date }>>
}): RequestHandler {
  return async (req, res) => {
    const by = await o.authenticate(req, res, 'users')
    const { id } = parseParams(UserParams, req)
    await o.once(req, res, by, async () => {
      if ((await o.findUser(id)) === undefined) throw new ProblemError('user-not-found', 'There is no such user.')
      const { token, expiresAt } = await o.issueReset(id)
      await o.audit(req, { by: by.id, action: 'user.password-reset-issued', target: id })
      return { status: 201, headers: { 'Cache-Control': 'no-store' }, body: { token, expiresAt } }
    })
  }
}
