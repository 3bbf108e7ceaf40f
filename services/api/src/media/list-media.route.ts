import type { MediaFiles } from '@whatsapp-sender/store'
import type { RequestHandler } from 'express'
import type { Authenticate } from '../http/authenticate.ts'
import { PageQuery } from '../http/page-query.ts'
import { parseQuery } from '../http/parse.ts'
import { MediaCursor, mediaCursorOf } from './media-params.ts'
import { mediaView } from './media-view.ts'

export const ListMediaQuery = PageQuery.extend({ cursor: MediaCursor.optional() })

export function listMediaRoute(o: { authenticate: Authenticate; listMedia: MediaFiles['list'] }): RequestHandler {
  return async (req, res) => {
    const { id: user } = await o.authenticate(req, res, 'messages:read')
    const { cursor, limit } = parseQuery(ListMediaQuery, req)
    const { data, next } = await o.listMedia(user, { after: cursor, limit })
    res.json({ data: data.map(mediaView), next: mediaCursorOf(next) })
  }
}
