import { newMessageId } from '@whatsapp-sender/contract'
import type { RequestHandler } from 'express'
import { z } from 'zod'
import type { Authenticate } from '../http/authenticate.ts'
import { readMultipartFile } from '../http/multipart-file.ts'
import { parseQuery } from '../http/parse.ts'
import type { Transfers } from '../http/transfers.ts'
import { MEDIA_KINDS } from './media-kinds.ts'
import { mediaView } from './media-view.ts'
import type { TakeFile } from './take-file.ts'

export const UploadQuery = z.strictObject({
  kind: z.enum(MEDIA_KINDS, `must be one of ${MEDIA_KINDS.join(', ')}`).optional(),
})

/** Authenticated before a byte of the body is read. A key that is limited to instances may upload, and not look around. */
export function uploadMediaRoute(o: {
  authenticate: Authenticate
  transfers: Transfers
  takeFile: TakeFile
}): RequestHandler {
  return async (req, res) => {
    const { id: user } = await o.authenticate(req, res, 'messages:send', 'per-instance')
    const { kind } = parseQuery(UploadQuery, req)
    const announced = req.headers['content-length']
    const bytesMax = announced === undefined ? undefined : Number(announced)
    const taken = await o.transfers.run({ req, user }, (signal) =>
      readMultipartFile({ req, res, signal }, (file) =>
        o.takeFile({ user, id: newMessageId(), file, field: 'file', kind, bytesMax }),
      ),
    )
    if (taken === 'exists') throw new Error('a new id is taken')
    const view = mediaView(taken)
    res.status(201).location(view.links.self).json(view)
  }
}
