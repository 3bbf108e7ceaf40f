/**
 * One reader of the events for all who follow them in this process, however many they are. It reads only while somebody
 * does: then twice a second, one query over the users who are followed, and at once again while a page comes full. So it
 * costs two small reads a second, and nothing when nobody follows.
 *
 * It hands over what is appended after a follower has joined; what was there before he reads himself. A read that is under
 * way when he joins does not look for his events, so he has joined when the next one begins.
 */
import type { SequencedEvent } from '@whatsapp-sender/store'

export type Follower = Readonly<{
  user: string
  /** Events of that user, in order. Must not throw. */
  take(events: readonly SequencedEvent[]): void
}>

export type EventHub = Readonly<{
  /** Resolves when what is appended from now on will be handed over. */
  join(follower: Follower): Promise<void>
  leave(follower: Follower): void
}>

const PAGE_EVENTS = 500
const PAUSE_MS = 500
/** More than the database merges from one index at once: beyond, it is cheaper to read what all are told. */
const USERS_MAX = 100

export function createEventHub(o: {
  /** The newest place. */
  head(): Promise<number>
  readAfter(
    seq: number,
    page: Readonly<{ limit: number; users: readonly string[] | undefined }>,
  ): Promise<SequencedEvent[]>
  onError(err: unknown): void
  pauseMs?: number
}): EventHub {
  const { pauseMs = PAUSE_MS } = o
  const followers = new Map<string, Set<Follower>>()
  let joining: (() => void)[] = []
  let position: number | undefined
  let isRunning = false
  let wake = () => {}

  async function run(): Promise<void> {
    while (followers.size > 0) if (!(await read().catch(failed))) await pause()
    isRunning = false
    position = undefined
  }

  /** True when there may be more. */
  async function read(): Promise<boolean> {
    position ??= await o.head()
    const users = followers.size > USERS_MAX ? undefined : [...followers.keys()]
    const joined = joining
    joining = []
    const reading = o.readAfter(position, { limit: PAGE_EVENTS, users })
    for (const tell of joined) tell()
    const events = await reading
    for (const [user, theirs] of Map.groupBy(events, ({ event }) => event.user)) {
      for (const follower of followers.get(user) ?? []) follower.take(theirs)
    }
    position = events.at(-1)?.seq ?? position
    return events.length === PAGE_EVENTS
  }

  function failed(err: unknown): false {
    o.onError(err)
    return false
  }

  async function pause(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    wake = resolve
    const timer = setTimeout(resolve, pauseMs)
    await promise
    clearTimeout(timer)
  }

  return {
    join: async (follower) => {
      const theirs = followers.get(follower.user) ?? new Set()
      followers.set(follower.user, theirs.add(follower))
      const { promise, resolve } = Promise.withResolvers<void>()
      joining.push(resolve)
      if (!isRunning) {
        isRunning = true
        void run()
      }
      wake()
      await promise
    },
    leave: (follower) => {
      const theirs = followers.get(follower.user)
      theirs?.delete(follower)
      if (theirs?.size === 0) followers.delete(follower.user)
      if (followers.size === 0) wake()
    },
  }
}
