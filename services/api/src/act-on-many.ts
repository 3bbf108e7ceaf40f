import type { ListPlace, Swept } from '@whatsapp-sender/store'

/** Messages that one request deals with at most, and chunks in which it looks for them; whoever has more goes on from `next`. */
const AT_ONCE_MAX = 10_000
const CHUNK_ROWS = 500
const CHUNKS_MAX = AT_ONCE_MAX / CHUNK_ROWS

/**
 * Deals with messages in chunks, each a write of its own: what is done when something fails stays done, and
 * repeating the request goes on with the rest.
 */
export async function actOnMany(
  from: ListPlace | undefined,
  act: (page: Readonly<{ after: ListPlace | undefined; limit: number }>) => Promise<Swept>,
): Promise<Readonly<{ done: number; skipped: number; next: ListPlace | undefined }>> {
  let after = from
  let done = 0
  let seen = 0
  let chunks = 0
  do {
    const chunk = await act({ after, limit: CHUNK_ROWS })
    done += chunk.done
    seen += chunk.seen
    after = chunk.next
    chunks++
  } while (after !== undefined && chunks < CHUNKS_MAX)
  return { done, skipped: seen - done, next: after }
}
