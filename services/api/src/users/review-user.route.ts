import type { RequestHandler } from 'express'
import { z } from 'zod'
import { type Authenticate, requireAdmin } from '../http/authenticate.ts'
import { parseBody, parseParams } from '../http/parse.ts'
import { ProblemError } from '../http/problem.ts'
import type { ReviewUser } from './review-user.ts'
import { userView } from './user-view.ts'

const ReviewBody = z.strictObject({
  status: z.enum(['approved', 'rejected']),
  reason: z.string().trim().min(1).max(500).optional(),
})

const Params = z.object({ id: z.string().regex(/^[A-Za-z0-9-]{1,64}$/, 'must be a user id') })

export function reviewUserRoute(o: { authenticate: Authenticate; reviewUser: ReviewUser }): RequestHandler {
  return async (req, res) => {
    const reviewer = await o.authenticate(req, res)
    requireAdmin(reviewer)
    const { id } = parseParams(Params, req)
    const { status, reason } = parseBody(ReviewBody, req)
    const user = await o.reviewUser({ reviewer, userId: id, status, reason })
    if (user === 'not-found') throw new ProblemError('user-not-found', 'There is no such user.')
    if (user === 'own-account') throw new ProblemError('forbidden', 'Nobody reviews his own account.')
    res.json(userView(user))
  }
}
