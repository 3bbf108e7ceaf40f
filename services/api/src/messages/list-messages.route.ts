import { MESSAGE_STATUSES } from '@whatsapp-sender/contract'
import type { Ledger } from '@whatsapp-sender/store'
import type { RequestHandler } from 'express'
import { z } from 'zod'
import type { Authenticate } from '../http/authenticate.ts'
import { PageQuery } from '../http/page-query.ts'
import { parseQuery } from '../http/parse.ts'
import { listedMessageView } from './listed-message-view.ts'
import { Cursor, cursorOf, messageFields } from './message-filter.ts'
import { Metadata } from './metadata.ts'
import type { ReadSurroundingsOfAll } from './read-surroundings.ts'
import type { RecipientSchema } from './recipient.ts'

/** A message that is only accepted is in no list yet. */
const ListedStatus = z.enum(MESSAGE_STATUSES).exclude(['accepted'])

/** Which messages are asked for. */
export function listMessagesQuery(recipient: RecipientSchema) {
  return PageQuery.extend({
    ...messageFields(recipient),
    metadata: Metadata.optional().meta({
      description: 'What its metadata holds, word for word: `metadata[shop]=north`.',
      param: { style: 'deepObject', explode: true },
    }),
    status: ListedStatus.optional(),
    attention: z
      .literal('true', 'must be "true"')
      .transform(() => true as const)
      .optional(),
    cursor: Cursor.optional(),
  })
}

export function listMessagesRoute(o: {
  authenticate: Authenticate
  recipient: RecipientSchema
  listMessages: Ledger['listMessages']
  readSurroundingsOfAll: ReadSurroundingsOfAll
}): RequestHandler {
  const ListQuery = z.preprocess(withMetadata, listMessagesQuery(o.recipient))
  return async (req, res) => {
    const { id: user } = await o.authenticate(req, res, 'messages:read')
    const { limit, cursor, status, ...filter } = parseQuery(ListQuery, req)
    const statuses = status && [status]
    const { data, next } = await o.listMessages({ ...filter, user, statuses }, { after: cursor, limit })
    const surroundingsOf = await o.readSurroundingsOfAll(data)
    res.json({ data: data.map((row) => listedMessageView(row, surroundingsOf(row))), next: cursorOf(next) })
  }
}

const NAMED = /^metadata\[(.*)\]$/

/** `metadata[shop]=north` says what the metadata of a message holds. */
function withMetadata(query: unknown): unknown {
  const entries: [string, unknown][] = Object.entries(query ?? {})
  const named = entries.flatMap(([name, value]) => {
    const key = NAMED.exec(name)?.[1]
    return key === undefined ? [] : [[key, value] as const]
  })
  if (named.length === 0) return query
  return { metadata: Object.fromEntries(named), ...Object.fromEntries(entries.filter(([name]) => !NAMED.test(name))) }
}
