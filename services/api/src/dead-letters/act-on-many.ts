import type { ListPlace, Swept } from '@whatsapp-sender/store'

/** Dead letters that one request deals with; whoever has more goes on from `next`. */
const AT_ONCE_MAX = 10_000
const CHUNK_ROWS = 500

/**
 * Deals with dead letters in chunks, each a write of its own: what is done when something fails stays done, and
 * repeating the request goes on with the rest.
 */
export async function actOnMany(
  from: ListPlace | undefined,
  act: (page: Readonly<{ after: ListPlace | undefined; limit: number }>) => Promise<Swept>,
): Promise<Readonly<{ done: number; skipped: number; next: ListPlace | undefined }>> {
  let after = from
  let done = 0
  let seen = 0
  do {
    const chunk = await act({ after, limit: CHUNK_ROWS })
    done += chunk.done
    seen += chunk.seen
    after = chunk.next
  } while (after !== undefined && seen < AT_ONCE_MAX)
  return { done, skipped: seen - done, next: after }
}
