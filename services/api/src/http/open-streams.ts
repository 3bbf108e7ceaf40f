import { ProblemError } from './problem.ts'

/** An answer of server-sent events as far as the process is concerned that ends it. */
export type OpenStream = Readonly<{ stop(): void }>

/** Every stream holds a connection and a buffer: how many there are is bounded, for each user and in all. Of this process. */
export type OpenStreams = Readonly<{
  name: string
  /** Ends all, and lets no more in. A client that reads on connects anew, elsewhere. */
  stop(): Promise<void>
  /**
   * A place, to be kept until it is given back.
   * @throws {ProblemError} 429 when the user has too many, 503 when the process has, or stops
   */
  enter(user: string): StreamPlace
}>

export type StreamPlace = Readonly<{ keep(stream: OpenStream): void; giveBack(): void }>

export function createOpenStreams(o: { perUserMax: number; allMax: number; onCount(open: number): void }): OpenStreams {
  const places = new Map<StreamPlace, OpenStream | undefined>()
  const perUser = new Map<string, number>()
  let isStopping = false

  function refuseBeyondLimits(user: string): void {
    if (isStopping) throw new ProblemError('unavailable', 'This process is stopping.', { retryAfterSeconds: 1 })
    if ((perUser.get(user) ?? 0) >= o.perUserMax) {
      const why = 'You have as many event streams open as one user may. Close one.'
      throw new ProblemError('too-many-requests', why, { retryAfterSeconds: 15 })
    }
    if (places.size >= o.allMax)
      throw new ProblemError('overloaded', 'Too many event streams are open.', { retryAfterSeconds: 15 })
  }

  return {
    name: 'event streams',
    stop: async () => {
      isStopping = true
      for (const stream of [...places.values()]) stream?.stop()
    },
    enter: (user) => {
      refuseBeyondLimits(user)
      perUser.set(user, (perUser.get(user) ?? 0) + 1)
      const place: StreamPlace = {
        keep: (stream) => {
          if (isStopping) stream.stop()
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
    },
  }
}
