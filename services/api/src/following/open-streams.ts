import type { EventStream } from './event-stream.ts'

/** Every stream holds a connection and a buffer: how many there are is bounded, for each user and in all. Of this process. */
export type OpenStreams = Readonly<{
  name: string
  /** Ends all, and lets no more in. */
  stop(): Promise<void>
  /** Gives a place, to be kept until it is given back; or why there is none. */
  enter(user: string): StreamPlace | 'too-many-of-user' | 'too-many' | 'stopping'
}>

export type StreamPlace = Readonly<{ keep(stream: EventStream): void; giveBack(): void }>

export function createOpenStreams(o: { perUserMax: number; allMax: number; onCount(open: number): void }): OpenStreams {
  const places = new Map<StreamPlace, EventStream | undefined>()
  const perUser = new Map<string, number>()
  let isStopping = false

  function give(user: string): StreamPlace {
    perUser.set(user, (perUser.get(user) ?? 0) + 1)
    const place: StreamPlace = {
      keep: (stream) => {
        if (isStopping) stream.end('stopping', 'unavailable')
        else if (places.has(place)) places.set(place, stream)
      },
      giveBack: () => {
        if (!places.delete(place)) return
        const left = (perUser.get(user) ?? 1) - 1
        if (left === 0) perUser.delete(user)
        else perUser.set(user, left)
        o.onCount(places.size)
      },
    }
    places.set(place, undefined)
    o.onCount(places.size)
    return place
  }

  return {
    name: 'event streams',
    stop: async () => {
      isStopping = true
      for (const stream of [...places.values()]) stream?.end('stopping', 'unavailable')
    },
    enter: (user) => {
      if (isStopping) return 'stopping'
      if ((perUser.get(user) ?? 0) >= o.perUserMax) return 'too-many-of-user'
      return places.size >= o.allMax ? 'too-many' : give(user)
    },
  }
}
