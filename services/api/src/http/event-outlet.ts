import { once } from 'node:events'
import type { Response } from 'express'
import { noteAnswered } from './answered-at.ts'

/** Where server-sent events are written to. */
export type EventOutlet = Readonly<{
  /** False: enough is waiting to be taken. What is written nevertheless is kept. */
  write(text: string): boolean
  /** True when all has been taken; false when the client is gone, or not within this time. */
  drained(timeoutMs: number): Promise<boolean>
  end(text: string): void
  cut(): void
  onGone(listener: () => void): void
}>

/** What has not been taken by then is not waited for. */
const GOODBYE_MS = 1000

/** Answers with server-sent events, so that they pass a proxy as they come: none may keep, change or compress them. */
export function openEventOutlet(res: Response): EventOutlet {
  res.status(200)
  res.setHeader('Content-Type', 'text/event-stream; charset=utf-8')
  res.setHeader('Cache-Control', 'no-store, no-transform')
  res.setHeader('X-Accel-Buffering', 'no')
  res.flushHeaders()
  noteAnswered(res)
  // A client that goes away is no fault; `close` tells of it.
  res.on('error', () => {})
  const gone = new AbortController()
  if (res.destroyed) gone.abort()
  else res.once('close', () => gone.abort())
  return {
    write: (text) => !gone.signal.aborted && !res.writableEnded && res.write(text),
    drained: async (timeoutMs) => {
      if (gone.signal.aborted) return false
      if (!res.writableNeedDrain) return true
      const signal = AbortSignal.any([gone.signal, AbortSignal.timeout(timeoutMs)])
      return await once(res, 'drain', { signal }).then(
        () => true,
        () => false,
      )
    },
    end: (text) => {
      if (gone.signal.aborted) return
      res.end(text)
      const timer = setTimeout(() => res.destroy(), GOODBYE_MS)
      gone.signal.addEventListener('abort', () => clearTimeout(timer))
    },
    cut: () => void res.destroy(),
    onGone: (listener) => {
      if (gone.signal.aborted) queueMicrotask(listener)
      else gone.signal.addEventListener('abort', listener)
    },
  }
}
