import { newMessageId } from '@whatsapp-sender/contract'
import type { RequestHandler } from 'express'
import { z } from 'zod'
import type { Authenticate } from '../http/authenticate.ts'
import { type FilePart, readMultipartFile } from '../http/multipart-file.ts'
import type { Once } from '../http/once.ts'
import { parseQuery } from '../http/parse.ts'
import { TRANSFER_MAX_MS, type Transfers } from '../http/transfers.ts'
import { MEDIA_KINDS } from './media-kinds.ts'
import { mediaView } from './media-view.ts'
import { measureFile, type TakeFile } from './take-file.ts'

export const UploadQuery = z.strictObject({
  kind: z.enum(MEDIA_KINDS, `must be one of ${MEDIA_KINDS.join(', ')}`).optional(),
})

/** Longer than an upload may take, so that none is begun twice under one key. */
const LEASE_MS = TRANSFER_MAX_MS + 60_000

const Uploaded = z.object({ sha256: z.string(), size: z.int() })

/** Authenticated before a byte of the body is read. A key that is limited to instances may upload, and not look around. */
export function uploadMediaRoute(o: {
  authenticate: Authenticate
  transfers: Transfers
  takeFile: TakeFile
  once: Once
  /** Of any one file. */
  fileBytesMax: number
}): RequestHandler {
  return async (req, res) => {
    const principal = await o.authenticate(req, res, 'messages:send', 'per-instance')
    const { id: user } = principal
    const { kind } = parseQuery(UploadQuery, req)
    const announced = req.headers['content-length']
    const bytesMax = announced === undefined ? undefined : Number(announced)
    const readFile = <T>(use: (file: FilePart) => Promise<T>): Promise<T> =>
      o.transfers.run({ req, user }, (signal) => readMultipartFile({ req, res, signal }, use))

    const upload = async () => {
      const taken = await readFile((file) =>
        o.takeFile({ user, id: newMessageId(), file, field: 'file', kind, bytesMax }),
      )
      if (taken === 'exists') throw new Error('a new id is taken')
      const body = mediaView(taken)
      return { status: 201, headers: { Location: body.links.self }, body }
    }
    const isSame = async ({ body }: Readonly<{ body?: unknown }>) => {
      const { size, sha256 } = Uploaded.parse(body)
      const again = await readFile((file) => measureFile(file, o.fileBytesMax))
      return again.size === size && again.sha256 === sha256
    }
    await o.once(req, res, principal, { act: upload, leaseMs: LEASE_MS, isSame })
  }
}
