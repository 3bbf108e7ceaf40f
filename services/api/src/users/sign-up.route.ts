import type { RequestHandler } from 'express'
import { z } from 'zod'
import { parseBody } from '../http/parse.ts'
import { ProblemError } from '../http/problem.ts'
import { limitOrRefuse, type RequestLimit } from '../http/request-limit.ts'
import type { SignUp } from './sign-up.ts'

const Email = z.string().trim().toLowerCase().max(254).pipe(z.email('must be an e-mail address'))

/** An administrator reads it in a list: nothing in it may break the line or turn the text around it. */
const FullName = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .regex(/^[^\p{Cc}\p{Bidi_Control}\u2028\u2029]*$/u, 'must not have control characters')

const SignUpBody = z.strictObject({
  fullname: FullName,
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
        throw new ProblemError('weak-password', `password: ${result.why}`, {
          errors: [{ field: 'password', message: result.why }],
        })
      case 'email-taken':
        throw new ProblemError('email-taken', 'User already exists.')
      case 'busy':
        throw new ProblemError('overloaded', 'Too many sign-ups at once.', { retryAfterSeconds: 2 })
    }
  }
}
