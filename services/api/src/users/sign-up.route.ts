import type { RequestHandler } from 'express'
import { z } from 'zod'
import { parseBody } from '../http/parse.ts'
import { ProblemError } from '../http/problem.ts'
import { limitOrRefuse, type RequestLimit } from '../http/request-limit.ts'
import { PlainLine } from './plain-line.ts'
import type { SignUp } from './sign-up.ts'
import { weakPassword } from './weak-password.ts'

const Email = z.string().trim().toLowerCase().max(254).pipe(z.email('must be an e-mail address'))

export const SignUpBody = z.strictObject({
  fullname: PlainLine.max(200),
  email: Email,
  password: z.string().min(1).max(1024),
})

export function signUpRoute(o: { signUp: SignUp; limit: RequestLimit }): RequestHandler {
  return async (req, res) => {
    const applicant = parseBody(SignUpBody, req)
    await limitOrRefuse(o.limit, req)
    const result = await o.signUp(applicant)
    switch (result.kind) {
      case 'signed-up': {
        const { id, email, fullname, status } = result.user
        const message = 'User created successfully. An administrator has to approve the account.'
        return void res.status(201).json({ id, email, fullname, status, message })
      }
      case 'weak-password':
        throw weakPassword('password', result.why)
      case 'email-taken':
        throw new ProblemError('email-taken', 'User already exists.')
      case 'busy':
        throw new ProblemError('overloaded', 'Too many sign-ups at once.', { retryAfterSeconds: 2 })
    }
  }
}
