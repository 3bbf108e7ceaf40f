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

/** What an entry takes besides its texts and bytes, so that empty files are not kept without end. */
const ENTRY_BYTES = 1_024

/** Holds at most `bytesMax` in all, names included: the oldest files leave for newer ones. */
export function createMediaStore(bytesMax: number): MediaStore {
  const byId = new Map<string, StoredMedia>()
  let held = 0

  return {
    add({ mimetype, fileName, bytes }) {
      const file = { mimetype, fileName, bytes }
      const size = sizeOf(file)
      if (size > bytesMax) return null
      makeRoom(size)
      const id = randomUUID()
      byId.set(id, file)
      held += size
      return { id, mimetype, bytes: bytes.length, ...(fileName === undefined ? {} : { fileName }) }
    },
    get: (id) => byId.get(id),
    has: (id) => byId.has(id),
  }

  function makeRoom(wanted: number): void {
    for (const [id, file] of byId) {
      if (held + wanted <= bytesMax) return
      byId.delete(id)
      held -= sizeOf(file)
    }
  }
}

function sizeOf({ mimetype, fileName = '', bytes }: StoredMedia): number {
  return ENTRY_BYTES + mimetype.length + fileName.length + bytes.length
}
