import { randomUUID } from 'node:crypto'
import type { Media } from '../send/message-content.ts'

export type StoredMedia = Readonly<{ mimetype: string; fileName?: string | undefined; bytes: Buffer }>

export const MEDIA_BYTES_MAX = 64 * 1024 * 1024

/** Files of sent messages, in memory. */
export type MediaStore = Readonly<{
  /** Null when the file alone is larger than the store. */
  add(file: StoredMedia): Media | null
  get(id: string): StoredMedia | undefined
  has(id: string): boolean
}>

/** Holds at most `bytesMax` in all: the oldest files leave for newer ones. */
export function createMediaStore(bytesMax: number): MediaStore {
  const byId = new Map<string, StoredMedia>()
  let held = 0

  return {
    add({ mimetype, fileName, bytes }) {
      if (bytes.length > bytesMax) return null
      makeRoom(bytes.length)
      const id = randomUUID()
      byId.set(id, { mimetype, fileName, bytes })
      held += bytes.length
      return { id, mimetype, bytes: bytes.length, ...(fileName === undefined ? {} : { fileName }) }
    },
    get: (id) => byId.get(id),
    has: (id) => byId.has(id),
  }

  function makeRoom(wanted: number): void {
    for (const [id, { bytes }] of byId) {
      if (held + wanted <= bytesMax) return
      byId.delete(id)
      held -= bytes.length
    }
  }
}
