import type { MediaFiles } from '@whatsapp-sender/store'
import type { RequestHandler } from 'express'
import type { Authenticate } from '../http/authenticate.ts'
import { parseParams } from '../http/parse.ts'
import { MediaParams } from './media-params.ts'
import { mediaOrRefuse, mediaView } from './media-view.ts'

export function readMediaRoute(o: { authenticate: Authenticate; findMedia: MediaFiles['find'] }): RequestHandler {
  return async (req, res) => {
    const { id: user } = await o.authenticate(req, res, 'messages:read')
    const { id } = parseParams(MediaParams, req)
    res.json(mediaView(mediaOrRefuse(await o.findMedia(user, id))))
  }
}
