import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { MediaFile, MediaFiles } from '@whatsapp-sender/store'
import type { RequestHandler, Response } from 'express'
import type { Authenticate } from '../http/authenticate.ts'
import { parseParams } from '../http/parse.ts'
import type { Transfers } from '../http/transfers.ts'
import { MediaParams } from './media-params.ts'
import { mediaOrRefuse } from './media-view.ts'

/** A client who takes nothing for so long is cut. */
const STALL_MAX_MS = 20_000

/** The bytes, for keeping and never for showing: what a file says it is, a browser must not act on. */
export function readMediaContentRoute(o: {
  authenticate: Authenticate
  transfers: Transfers
  findMedia: MediaFiles['find']
  readBytes: MediaFiles['read']
}): RequestHandler {
  return async (req, res) => {
    const { id: user } = await o.authenticate(req, res, 'messages:read')
    const { id } = parseParams(MediaParams, req)
    const file = mediaOrRefuse(await o.findMedia(user, id))
    if (req.method === 'HEAD') {
      describe(file, res)
      res.end()
      return
    }
    await o.transfers.run({ req, user }, async (signal) => {
      const bytes = o.readBytes(file)[Symbol.asyncIterator]()
      // What cannot be read at all is told; what has begun can only be cut.
      const first = await bytes.next()
      describe(file, res)
      res.setTimeout(STALL_MAX_MS, () => void res.destroy())
      await pipeline(Readable.from(inTurn(first, bytes)), res, { signal }).catch(() => {})
    })
  }
}

function describe(file: MediaFile, res: Response): void {
  // Before the type, for it sets one by the name.
  res.attachment(file.fileName)
  res.setHeader('Content-Type', file.type)
  res.setHeader('Content-Length', file.size)
  res.setHeader('Cache-Control', 'private, no-store')
}

async function* inTurn(first: IteratorResult<Buffer>, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  try {
    for (let next = first; next.done !== true; next = await rest.next()) yield next.value
  } finally {
    await rest.return?.()
  }
}
