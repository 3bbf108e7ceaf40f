import type { RequestHandler } from 'express'
import { z } from 'zod'
import { parseBody } from '../http/parse.ts'
import { ProblemError } from '../http/problem.ts'
import { limitOrRefuse, type RequestLimit } from '../http/request-limit.ts'
import type { ForgetPassword } from './forget-password.ts'

export const ForgetBody = z.strictObject({ email: z.email('must be an e-mail address').max(254).toLowerCase() })

export function forgetPasswordRoute(o: {
  resetLimit: RequestLimit
  /** Undefined: no mail is sent from here. */
  forgetPassword: ForgetPassword | undefined
  onForgetFailed(err: unknown): void
}): RequestHandler {
  return async (req, res) => {
    const { email } = parseBody(ForgetBody, req)
    if (o.forgetPassword === undefined) {
      throw new ProblemError('mail-off', 'No mail is sent from here. Ask an administrator for a token.')
    }
    await limitOrRefuse(o.resetLimit, req)
    // Before anything is looked up: neither answer nor time tells whether there is such an account.
    res.status(202).json({ message: 'If there is such an account, a token is on its way to it.' })
    await o.forgetPassword(email).catch((err: unknown) => o.onForgetFailed(err))
  }
}
