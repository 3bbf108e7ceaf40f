import type { RequestHandler } from 'express'
import { z } from 'zod'
import { parseBody } from '../http/parse.ts'
import { ProblemError } from '../http/problem.ts'
import type { RefreshSession } from './sessions.ts'

export const RefreshBody = z.strictObject({ refresh_token: z.string().min(1).max(512) })

export function refreshSessionRoute(o: { refreshSession: RefreshSession }): RequestHandler {
  return async (req, res) => {
    const { refresh_token } = parseBody(RefreshBody, req)
    const tokens = await o.refreshSession(refresh_token)
    if (tokens === 'refused') throw new ProblemError('unauthenticated', 'The refresh token is not valid.')
    res.set('Cache-Control', 'no-store').json(tokens)
  }
}
