import type { ActionResult, Ledger, MessageRow } from '@whatsapp-sender/store'
import type { RequestHandler } from 'express'
import type { Audit } from '../http/audit.ts'
import type { Authenticate } from '../http/authenticate.ts'
import { parseBody, parseParams } from '../http/parse.ts'
import { ProblemError } from '../http/problem.ts'
import { actedOrRefuse } from '../messages/acted-or-refuse.ts'
import { MessageParams } from '../messages/message-params.ts'
import { messageView } from '../messages/message-view.ts'
import type { ReadSurroundings } from '../messages/read-surroundings.ts'
import { ownerSeenBy } from './dead-letter-filter.ts'
import { expiryOf, ReplayBody } from './replay-expiry.ts'

export function replayDeadLetterRoute(o: {
  authenticate: Authenticate
  audit: Audit
  replay: Ledger['replay']
  readSurroundings: ReadSurroundings
}): RequestHandler {
  return async (req, res) => {
    const principal = await o.authenticate(req, res, 'messages:send')
    const { id } = parseParams(MessageParams, req)
    const expiresAt = expiryOf(parseBody(ReplayBody, req))
    const result = await o.replay({ id, user: ownerSeenBy(principal) }, { by: principal.id, expiresAt })
    const row = replayedOrRefuse(result, expiresAt)
    // What somebody does with his own is kept in the message.
    if (row.user !== principal.id) {
      await o.audit(req, { by: principal.id, action: 'dead-letters.replayed', target: id, details: { user: row.user } })
    }
    res.json({ user: row.user, ...messageView(row, await o.readSurroundings(row)) })
  }
}

function replayedOrRefuse(result: ActionResult, expiresAt: Date | null | undefined): MessageRow {
  if (result?.kind === 'refused' && expiresAt === undefined && hasExpired(result.row) && !hasNoContent(result.row)) {
    const message = 'the time of the message is over: say a new one, or null for none'
    throw new ProblemError('invalid-request', `expiresAt: ${message}`, { errors: [{ field: 'expiresAt', message }] })
  }
  if (result?.kind === 'refused' && hasNoContent(result.row)) {
    throw new ProblemError('content-removed', 'What it said is not kept any more, so it cannot be sent again.')
  }
  return actedOrRefuse(result, (status) => `It is ${status} and not a dead letter that can be replayed.`)
}

function hasNoContent({ redacted, erased }: MessageRow): boolean {
  return redacted !== undefined || erased !== undefined
}

function hasExpired({ status, expiresAt, actions }: MessageRow): boolean {
  const isReplayable = ['failed', 'dead-lettered', 'unknown', 'expired'].includes(status)
  // Of one that was discarded no other time makes a dead letter again.
  const isDiscarded = actions?.at(-1)?.action === 'discard'
  return isReplayable && !isDiscarded && expiresAt !== undefined && expiresAt.getTime() <= Date.now()
}
