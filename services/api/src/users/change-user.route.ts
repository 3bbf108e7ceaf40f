import { ROLES } from '@whatsapp-sender/contract'
import type { User } from '@whatsapp-sender/store'
import type { RequestHandler } from 'express'
import { z } from 'zod'
import type { Audit } from '../http/audit.ts'
import type { Authenticate } from '../http/authenticate.ts'
import { parseBody, parseParams } from '../http/parse.ts'
import { ProblemError } from '../http/problem.ts'
import type { ChangeUser, ChangeUserResult } from './change-user.ts'
import { UserParams } from './user-params.ts'
import { userView } from './user-view.ts'

export const ChangeUserBody = z
  .strictObject({
    status: z.enum(['approved', 'rejected']).optional(),
    reason: z.string().trim().min(1).max(500).optional(),
    role: z.enum(ROLES).optional(),
    eventFeed: z.boolean().optional(),
  })
  .refine(({ status, reason }) => status !== undefined || reason === undefined, {
    path: ['reason'],
    message: 'goes with "status" only',
  })
  .refine((change) => Object.values(change).some((value) => value !== undefined), {
    path: ['status'],
    message: 'is required unless role or eventFeed is given',
  })

export function changeUserRoute(o: {
  authenticate: Authenticate
  audit: Audit
  changeUser: ChangeUser
}): RequestHandler {
  return async (req, res) => {
    const by = await o.authenticate(req, res, 'users')
    const { id } = parseParams(UserParams, req)
    const { status, reason, role, eventFeed } = parseBody(ChangeUserBody, req)
    const review = status && { status, reason }
    const user = doneOrRefuse(await o.changeUser({ by, userId: id, change: { review, role, eventFeed } }))
    const act = { by: by.id, target: id }
    if (status)
      await o.audit(req, { ...act, action: `user.${status}`, ...(reason !== undefined && { details: { reason } }) })
    if (role) await o.audit(req, { ...act, action: 'user.role-changed', details: { role } })
    if (eventFeed !== undefined) {
      await o.audit(req, { ...act, action: 'user.events-changed', details: { eventFeed: String(eventFeed) } })
    }
    res.json(userView(user))
  }
}

function doneOrRefuse(result: ChangeUserResult): User {
  switch (result) {
    case 'not-found':
      throw new ProblemError('user-not-found', 'There is no such user.')
    case 'own-account':
      throw new ProblemError('forbidden', 'Nobody reviews his own account.')
    case 'last-admin':
      throw new ProblemError('last-admin', 'There would be no administrator left.')
    default:
      return result
  }
}
