import { Priority } from '@whatsapp-sender/contract'
import type { MessageOf, Reschedule, RescheduleResult } from '@whatsapp-sender/store'
import type { RequestHandler } from 'express'
import { z } from 'zod'
import type { Authenticate } from '../http/authenticate.ts'
import { parseBody, parseParams } from '../http/parse.ts'
import { ProblemError } from '../http/problem.ts'
import { actedOrRefuse } from './acted-or-refuse.ts'
import type { FindMessage } from './find-message.ts'
import { MessageParams } from './message-params.ts'
import { messageView } from './message-view.ts'
import { Moment, SendAt } from './moment.ts'
import { onceIngested } from './once-ingested.ts'
import type { ReadSurroundings } from './read-surroundings.ts'
import type { StoredFiles } from './stored-files.ts'

/** `null`: as soon as possible, or never expiring. */
export const RescheduleBody = z
  .strictObject({
    sendAt: SendAt.nullable().optional(),
    expiresAt: Moment.refine((at) => at.getTime() > Date.now(), 'must not have passed')
      .nullable()
      .optional(),
    priority: Priority.optional(),
  })
  .refine((body) => Object.keys(body).length > 0, 'must name "sendAt", "expiresAt" or "priority"')

export function rescheduleMessageRoute(o: {
  authenticate: Authenticate
  findMessage: FindMessage
  rescheduleMessage(message: MessageOf & Readonly<{ by: string }>, change: Reschedule): Promise<RescheduleResult>
  readSurroundings: ReadSurroundings
  storedFiles: Pick<StoredFiles, 'keepFor'>
}): RequestHandler {
  return async (req, res) => {
    const { id: user } = await o.authenticate(req, res, 'messages:send')
    const { id } = parseParams(MessageParams, req)
    const change = parseBody(RescheduleBody, req)
    const result = await onceIngested({ user, id }, o.findMessage, () =>
      o.rescheduleMessage({ id, user, by: user }, change),
    )
    if (result?.kind === 'expires-first') throw expiresFirst(change)
    const row = actedOrRefuse(result, (status) => `It is ${status} and cannot be changed.`)
    if (change.sendAt) await o.storedFiles.keepFor(row, change.sendAt)
    res.json(messageView(row, await o.readSurroundings(row)))
  }
}

/** The other of the two times may be the message's own: the fault is in what the caller wrote. */
function expiresFirst({ expiresAt }: Reschedule): ProblemError {
  const fault = expiresAt
    ? { field: 'expiresAt', message: 'must be after sendAt' }
    : { field: 'sendAt', message: 'must be before expiresAt of the message' }
  return new ProblemError('invalid-request', `${fault.field}: ${fault.message}`, { errors: [fault] })
}
