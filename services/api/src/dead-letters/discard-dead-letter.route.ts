import type { Ledger } from '@whatsapp-sender/store'
import type { RequestHandler } from 'express'
import type { Audit } from '../http/audit.ts'
import type { Authenticate } from '../http/authenticate.ts'
import { parseParams } from '../http/parse.ts'
import { actedOrRefuse } from '../messages/acted-or-refuse.ts'
import { MessageParams } from '../messages/message-params.ts'
import { messageView } from '../messages/message-view.ts'
import type { ReadSurroundings } from '../messages/read-surroundings.ts'
import { ownerSeenBy } from './dead-letter-filter.ts'

export function discardDeadLetterRoute(o: {
  authenticate: Authenticate
  audit: Audit
  discard: Ledger['discard']
  readSurroundings: ReadSurroundings
}): RequestHandler {
  return async (req, res) => {
    const principal = await o.authenticate(req, res, 'messages:send')
    const { id } = parseParams(MessageParams, req)
    const result = await o.discard({ id, user: ownerSeenBy(principal) }, { by: principal.id })
    const row = actedOrRefuse(result, (status) => `It is ${status} and no dead letter, or was discarded before.`)
    // What somebody does with his own is kept in the message.
    if (row.user !== principal.id) {
      await o.audit(req, {
        by: principal.id,
        action: 'dead-letters.discarded',
        target: id,
        details: { user: row.user },
      })
    }
    res.json({ user: row.user, ...messageView(row, await o.readSurroundings(row)) })
  }
}
