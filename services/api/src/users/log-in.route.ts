import type { RequestHandler } from 'express'
import { z } from 'zod'
import { clientAddressOf } from '../http/client-address.ts'
import { parseBody } from '../http/parse.ts'
import { ProblemError } from '../http/problem.ts'
import { tooManyRequests } from '../http/request-limit.ts'
import type { LogIn } from './log-in.ts'

/** Wider than at sign-up, for accounts of the older system; but nothing that cannot be seen. */
const LogInEmail = z
  .string()
  .trim()
  .toLowerCase()
  .max(254)
  .regex(/^[^\p{C}\s@]+@[^\p{C}\s@]+$/u, 'must be an e-mail address')

/** A login that was refused for the log, which may know what the caller may not. `user`: whose account it is. */
export type RefusedLogIn = Readonly<{
  requestId: string
  email: string
  clientAddress: string
  reason: 'unknown-address' | 'wrong-password' | 'pending' | 'rejected' | 'limited'
  user?: string | undefined
}>

export const LogInBody = z.strictObject({
  email: LogInEmail,
  password: z.string().min(1).max(1024),
})

export function logInRoute(o: { logIn: LogIn; onRefused: (refused: RefusedLogIn) => void }): RequestHandler {
  return async (req, res) => {
    const { email, password } = parseBody(LogInBody, req)
    const clientAddress = clientAddressOf(req)
    const result = await o.logIn({ email, password, address: clientAddress })
    const who = { requestId: String(res.getHeader('Request-Id')), email, clientAddress }
    switch (result.kind) {
      case 'logged-in':
        return void res.set('Cache-Control', 'no-store').json(result.tokens)
      case 'wrong-credentials': {
        const { user } = result
        o.onRefused({ ...who, reason: user === undefined ? 'unknown-address' : 'wrong-password', user })
        throw new ProblemError('wrong-credentials', 'Wrong login details!')
      }
      case 'not-approved':
        o.onRefused({ ...who, reason: result.status, user: result.user })
        throw new ProblemError('not-approved', `The account is ${result.status}.`)
      case 'limited':
        o.onRefused({ ...who, reason: 'limited' })
        throw tooManyRequests(result.retryAfterSeconds)
      case 'busy':
        throw new ProblemError('overloaded', 'Too many logins at once.', { retryAfterSeconds: 2 })
    }
  }
}
