import type { User } from '@whatsapp-sender/store'
import type { RequestHandler } from 'express'
import { z } from 'zod'
import { type Authenticate, requireAdmin } from '../http/authenticate.ts'
import { parseBody, parseParams } from '../http/parse.ts'
import { ProblemError } from '../http/problem.ts'
import type { ReviewUser } from './review-user.ts'
import { userView } from './user-view.ts'

const ReviewBody = z
  .strictObject({
    status: z.enum(['approved', 'rejected']).optional(),
    reason: z.string().trim().min(1).max(500).optional(),
    eventFeed: z.boolean().optional(),
  })
  .refine(({ status, reason }) => status !== undefined || reason === undefined, {
    path: ['reason'],
    message: 'goes with "status" only',
  })

const Params = z.object({ id: z.string().regex(/^[A-Za-z0-9-]{1,64}$/, 'must be a user id') })

export function reviewUserRoute(o: {
  authenticate: Authenticate
  reviewUser: ReviewUser
  setEventFeed(id: string, eventFeed: boolean): Promise<User | undefined>
}): RequestHandler {
  return async (req, res) => {
    const reviewer = await o.authenticate(req, res)
    requireAdmin(reviewer)
    const { id } = parseParams(Params, req)
    const { status, reason, eventFeed } = parseBody(ReviewBody, req)
    const reviewed = status && doneOrRefuse(await o.reviewUser({ reviewer, userId: id, status, reason }))
    const user = eventFeed === undefined ? reviewed : doneOrRefuse(await o.setEventFeed(id, eventFeed))
    if (user === undefined) throw nothingToChange()
    res.json(userView(user))
  }
}

function doneOrRefuse(user: User | 'not-found' | 'own-account' | undefined): User {
  if (user === 'not-found' || user === undefined) throw new ProblemError('user-not-found', 'There is no such user.')
  if (user === 'own-account') throw new ProblemError('forbidden', 'Nobody reviews his own account.')
  return user
}

function nothingToChange(): ProblemError {
  const fault = { field: 'status', message: 'is required unless eventFeed is given' }
  return new ProblemError('invalid-request', `${fault.field}: ${fault.message}`, { errors: [fault] })
}
