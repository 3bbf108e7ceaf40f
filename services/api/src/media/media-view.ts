import type { MediaFile } from '@whatsapp-sender/store'
import { ProblemError } from '../http/problem.ts'
import { kindsOf } from './media-kinds.ts'

/** What its user is told of a file. `kinds`: what it can be sent as. */
export function mediaView({ user: _user, ...file }: MediaFile) {
  const self = `/v1/media/${file.id}`
  return { ...file, kinds: kindsOf(file), links: { self, content: `${self}/content` } }
}

/** @throws {ProblemError} the same 404 whether it is another user's, expired or nobody's */
export function mediaOrRefuse(found: MediaFile | undefined): MediaFile {
  if (found === undefined) throw noSuchFile()
  return found
}

export function noSuchFile(): ProblemError {
  return new ProblemError('media-not-found', 'There is no such file, or it has expired.')
}
