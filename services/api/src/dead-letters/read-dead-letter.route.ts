import type { Ledger } from '@whatsapp-sender/store'
import type { RequestHandler } from 'express'
import type { Authenticate } from '../http/authenticate.ts'
import { parseParams } from '../http/parse.ts'
import { ProblemError } from '../http/problem.ts'
import { MessageParams } from '../messages/message-params.ts'
import { messageView } from '../messages/message-view.ts'
import type { ReadSurroundings } from '../messages/read-surroundings.ts'
import { ownerSeenBy } from './dead-letter-filter.ts'

export function readDeadLetterRoute(o: {
  authenticate: Authenticate
  findDeadLetter: Ledger['findDeadLetter']
  readSurroundings: ReadSurroundings
}): RequestHandler {
  return async (req, res) => {
    const principal = await o.authenticate(req, res, 'messages:read')
    const { id } = parseParams(MessageParams, req)
    const row = await o.findDeadLetter({ id, user: ownerSeenBy(principal) })
    if (row === undefined) throw new ProblemError('message-not-found', 'There is no such dead letter.')
    res.json({ user: row.user, ...messageView(row, await o.readSurroundings(row)) })
  }
}
