import { type Content, fileIdOf, type MessageType } from '@whatsapp-sender/contract'
import type { MediaFile, MediaFiles } from '@whatsapp-sender/store'
import { LRUCache } from 'lru-cache'
import type { FieldFault } from '../http/problem.ts'
import { isMediaKind, whyUnfit } from '../media/media-kinds.ts'

/** What of a message says which file it needs, and for how long. */
type Needing = Readonly<{ type: MessageType; content: Content; sendAt?: Date | undefined }>

export type StoredFiles = Readonly<{
  /**
   * What is wrong with the uploaded file of each message, in their order. Those that are right are kept until long after
   * their messages may be sent, unless this is only a trial. Asks the database, and only when a message names a file.
   */
  faultsOf(
    user: string,
    messages: readonly Needing[],
    o: Readonly<{ isTrial: boolean }>,
  ): Promise<readonly (FieldFault | undefined)[]>
  /** The message may be sent at another time than it was. */
  keepFor(message: Readonly<{ user: string; content: Content }>, sendAt: Date): Promise<void>
}>

/** The same file goes to many: for so long, and for so many files, it is known that it is there. */
const KNOWN_MS = 5000
const KNOWN_MAX = 10_000

/** Files are kept for longer than they have to be, so that not every message has to ask for more. */
const SPARE_MS = 600_000

/** @param o.ttlMs how long a file is kept after its message may be sent: it may wait for its pace or for its instance */
export function createStoredFiles(o: { keep: MediaFiles['keep']; ttlMs: number }): StoredFiles {
  const known = new LRUCache<string, MediaFile>({ max: KNOWN_MAX, ttl: KNOWN_MS })
  const keyOf = (user: string, id: string) => `${user}/${id}`

  async function keep(user: string, ids: readonly string[], until: number): Promise<void> {
    for (const id of ids) known.delete(keyOf(user, id))
    for (const file of await o.keep(user, ids, new Date(until + SPARE_MS))) known.set(keyOf(user, file.id), file)
  }

  return {
    faultsOf: async (user, messages, { isTrial }) => {
      const ids = messages.map(({ content }) => fileIdOf(content))
      const named = new Set(ids.filter((id) => id !== undefined))
      if (named.size === 0) return messages.map(() => undefined)
      const mayLeaveAt = Math.max(Date.now(), ...messages.map(({ sendAt }) => sendAt?.getTime() ?? 0))
      const until = isTrial ? 0 : mayLeaveAt + o.ttlMs
      const isKnown = (id: string) => (known.get(keyOf(user, id))?.expiresAt.getTime() ?? -1) >= until
      const unknown = [...named].filter((id) => !isKnown(id))
      // A trial wants no time: it only looks.
      if (unknown.length > 0) await keep(user, unknown, isTrial ? -SPARE_MS : until)
      return messages.map(({ type }, at) => {
        const id = ids[at]
        return id === undefined ? undefined : faultOf(type, known.get(keyOf(user, id)))
      })
    },
    keepFor: async ({ user, content }, sendAt) => {
      const id = fileIdOf(content)
      if (id !== undefined) await keep(user, [id], sendAt.getTime() + o.ttlMs)
    },
  }
}

function faultOf(type: MessageType, file: MediaFile | undefined): FieldFault | undefined {
  if (file === undefined) return { field: 'media.id', message: 'is no file of yours, or it has expired' }
  const message = isMediaKind(type) ? whyUnfit(type, file) : undefined
  return message === undefined ? undefined : { field: 'media.id', message }
}
