import type { Part } from '@whatsapp-sender/service-runtime'

/** When keys were last used, told to the database once a minute; the request that used one waits for nothing. */
export type KeyUses = Part & Readonly<{ note(id: string): void }>

const WRITE_EVERY_MS = 60_000
/** More keys than this in one minute are not written down all. */
const USES_MAX = 10_000

export function createKeyUses(o: {
  markUsed(uses: Iterable<readonly [id: string, at: Date]>): Promise<void>
  onFailed(err: unknown): void
  everyMs?: number
  now?: () => number
}): KeyUses {
  const { everyMs = WRITE_EVERY_MS, now = () => Date.now() } = o
  let uses = new Map<string, number>()
  let timer: NodeJS.Timeout | undefined
  let writing = Promise.resolve()

  async function write(): Promise<void> {
    const written = uses
    uses = new Map()
    try {
      await o.markUsed(Array.from(written, ([id, at]) => [id, new Date(at)]))
    } catch (err) {
      o.onFailed(err)
    }
  }

  return {
    name: 'uses of API keys',
    note: (id) => {
      if (uses.size < USES_MAX || uses.has(id)) uses.set(id, now())
    },
    start: async () => {
      timer = setInterval(() => {
        writing = writing.then(write)
      }, everyMs)
    },
    stop: async () => {
      clearInterval(timer)
      await writing.then(write)
    },
  }
}
