import type { ServerResponse } from 'node:http'

export type PhoneChange = Readonly<
  | { kind: 'message'; message: unknown }
  | { kind: 'status'; keyId: string; status: string }
  | { kind: 'instance'; instance: unknown }
  | { kind: 'removed'; name: string }
  | { kind: 'presence'; instance: string; chat: string; state: 'composing' | 'recording' | 'paused' }
>

/** Tells open phone pages what changed, gathered for a moment so that a busy server costs them one event at a time. */
export type PhoneFeed = Readonly<{
  /** Asks what changed only while somebody looks. */
  publish(change: () => PhoneChange): void
  connect(res: ServerResponse): void
  stop(): void
}>

const GATHER_MS = 100
const CHANGES_MAX = 300
const CHARACTERS_MAX = 1024 * 1024
const KEEP_ALIVE_MS = 20_000
const UNREAD_BYTES_MAX = 4 * 1024 * 1024
const PAGES_MAX = 50

export function createPhoneFeed(): PhoneFeed {
  const pages = new Set<ServerResponse>()
  let pending: string[] = []
  let characters = 0
  let skipped = false
  let timer: NodeJS.Timeout | undefined
  const keepAlive = setInterval(() => write(': still here\n\n'), KEEP_ALIVE_MS).unref()

  return {
    publish(change) {
      if (pages.size === 0) return
      timer ??= setTimeout(flush, GATHER_MS).unref()
      if (skipped) return
      const text = JSON.stringify(change())
      pending.push(text)
      characters += text.length
      skipped = pending.length > CHANGES_MAX || characters > CHARACTERS_MAX
      if (skipped) pending = []
    },
    connect(res) {
      if (pages.size >= PAGES_MAX) {
        res.writeHead(503, { 'Content-Type': 'text/plain' }).end('Too many open phones')
        return
      }
      res.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' })
      res.write('retry: 1000\n\n')
      pages.add(res)
      res.on('close', () => pages.delete(res))
    },
    stop() {
      clearInterval(keepAlive)
      clearTimeout(timer)
      for (const page of pages) page.destroy()
    },
  }

  function flush(): void {
    timer = undefined
    // A page that missed something asks for the whole view again.
    write(skipped ? 'event: reload\ndata: {}\n\n' : `event: changes\ndata: [${pending.join(',')}]\n\n`)
    pending = []
    characters = 0
    skipped = false
  }

  function write(text: string): void {
    for (const page of pages) {
      if (page.writableLength > UNREAD_BYTES_MAX) page.destroy()
      else page.write(text)
    }
  }
}
