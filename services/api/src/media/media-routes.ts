import { isStoreError } from '@whatsapp-sender/store'
import type { RouteTable } from '../http/app.ts'
import type { Parts } from '../parts.ts'
import { listMediaRoute } from './list-media.route.ts'
import { readMediaRoute } from './read-media.route.ts'
import { readMediaContentRoute } from './read-media-content.route.ts'
import { removeMediaRoute } from './remove-media.route.ts'
import { createTakeFile, type TakeFile } from './take-file.ts'
import { uploadMediaRoute } from './upload-media.route.ts'

export function createFileTaking({ config, store: { media } }: Parts): TakeFile {
  return createTakeFile({ files: media, isStoreError, ...config.media })
}

/** Files for messages. */
export function mediaRoutes(parts: Parts): RouteTable {
  const { access, store, transfers } = parts
  const { media } = store
  const o = {
    authenticate: access.authenticate,
    transfers,
    takeFile: createFileTaking(parts),
    once: parts.once,
    fileBytesMax: parts.config.media.fileBytesMax,
    listMedia: media.list,
    findMedia: media.find,
    readBytes: media.read,
    removeMedia: media.remove,
  }
  return {
    '/v1/media': { get: [listMediaRoute(o)], post: [uploadMediaRoute(o)] },
    '/v1/media/:id': { get: [readMediaRoute(o)], delete: [removeMediaRoute(o)] },
    '/v1/media/:id/content': { get: [readMediaContentRoute(o)] },
  }
}
