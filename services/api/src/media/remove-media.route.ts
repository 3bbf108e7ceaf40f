import type { MediaFiles } from '@whatsapp-sender/store'
import type { RequestHandler } from 'express'
import type { Authenticate } from '../http/authenticate.ts'
import { parseParams } from '../http/parse.ts'
import { MediaParams } from './media-params.ts'
import { noSuchFile } from './media-view.ts'

export function removeMediaRoute(o: { authenticate: Authenticate; removeMedia: MediaFiles['remove'] }): RequestHandler {
  return async (req, res) => {
    const { id: user } = await o.authenticate(req, res, 'messages:send')
    const { id } = parseParams(MediaParams, req)
    if (!(await o.removeMedia(user, id))) throw noSuchFile()
    res.status(204).end()
  }
}
