import type { RequestHandler } from 'express'
import { z } from 'zod'
import type { Authenticate } from '../http/authenticate.ts'
import { parseParams, parseQuery } from '../http/parse.ts'
import { ProblemError } from '../http/problem.ts'
import { reaches } from '../principal.ts'
import type { FindMessage } from './find-message.ts'
import { messageView } from './message-view.ts'
import type { ReadSurroundings } from './read-surroundings.ts'

const Params = z.object({ id: z.uuid('must be a message id') })
const NoQuery = z.strictObject({})

export function readMessageRoute(o: {
  authenticate: Authenticate
  findMessage: FindMessage
  readSurroundings: ReadSurroundings
}): RequestHandler {
  return async (req, res) => {
    const principal = await o.authenticate(req, res, 'messages:read', 'per-instance')
    const { id } = parseParams(Params, req)
    parseQuery(NoQuery, req)
    const row = await o.findMessage(principal.id, id.toLowerCase())
    // Another user's message, or one that the key does not reach, looks like one that does not exist.
    if (row === undefined || !reaches(principal, row.instance)) {
      throw new ProblemError('message-not-found', 'There is no such message.', { retryAfterSeconds: 1 })
    }
    res.json(messageView(row, await o.readSurroundings(row)))
  }
}
