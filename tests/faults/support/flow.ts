import type { Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'

/** What may befall the bytes of one direction. */
export type Trouble = Readonly<{
  latencyMs?: number
  bytesPerSecond?: number
  /** Bytes go out in pieces, so many at a time. */
  slice?: Readonly<{ bytes: number; everyMs: number }>
  /**
   * - `waits`: a black hole; what was lost is sent again by TCP when the way is free
   * - `vanishes`: bytes are gone, and a connection that lost some is reset when the order is called off
   */
  lost?: 'waits' | 'vanishes'
  /** After so many more bytes of one connection it ends: politely, or by a reset. */
  limit?: Readonly<{ bytes: number; ending: 'close' | 'reset' }>
  /** Reset, so long after the order or the first byte that comes later. */
  resetAfterMs?: number
  /** The end of a connection is passed on so much later. */
  closeDelayMs?: number
  /**
   * Sees each piece before it goes. `hold`: it waits, and everything behind it, until another order. `pass-unanswered`:
   * it goes, and whatever comes back on this connection vanishes until another order.
   */
  inspect?(piece: Buffer): 'pass' | 'hold' | 'pass-unanswered'
}>

export type Flow = Readonly<{ order(trouble: Trouble): void }>

/** Bytes that may lie in one direction of one connection before its sender is stopped. */
const HELD_MAX = 1_048_576

/** Carries bytes one way, in order, through whatever trouble is ordered at the moment each is to leave. */
export function createFlow({
  from,
  to,
  trouble: first,
  reset,
  onPassed,
  onUnanswered,
}: Readonly<{
  from: Socket
  to: Socket
  trouble: Trouble
  reset(): void
  onPassed(bytes: number): void
  onUnanswered(): void
}>): Flow {
  let trouble = first
  let ordered = Promise.withResolvers<void>()
  let left = first.limit?.bytes ?? Number.POSITIVE_INFINITY
  let held = 0
  let lossy = false
  let tail: Promise<void> = Promise.resolve()

  /** Waits while a black hole or a held piece stands in the way. */
  const untilFree = async (piece: Buffer | undefined): Promise<void> => {
    for (;;) {
      const verdict = piece === undefined ? 'pass' : (trouble.inspect?.(piece) ?? 'pass')
      if (verdict === 'pass-unanswered') onUnanswered()
      if (trouble.lost !== 'waits' && verdict !== 'hold') return
      await ordered.promise
    }
  }
  const passOn = async (piece: Buffer): Promise<void> => {
    await untilFree(piece)
    if (trouble.lost === 'vanishes') {
      lossy = true
      return
    }
    const going = piece.subarray(0, Math.min(piece.length, left))
    left -= going.length
    if (!to.writable) return
    onPassed(going.length)
    to.write(going)
    const pace = trouble.bytesPerSecond
    if (pace !== undefined) await wait((going.length * 1000) / pace)
    if (left > 0) return
    if (trouble.limit?.ending === 'close') to.end()
    else reset()
  }
  const carry = async (bytes: Buffer, cameAt: number): Promise<void> => {
    const { latencyMs = 0, slice, resetAfterMs } = trouble
    if (resetAfterMs !== undefined) setTimeout(reset, resetAfterMs).unref()
    const dueIn = cameAt + latencyMs - performance.now()
    if (dueIn > 0) await wait(dueIn)
    const size = slice?.bytes ?? bytes.length
    for (let at = 0; at < bytes.length && !to.destroyed; at += size) {
      await passOn(bytes.subarray(at, at + size))
      if (slice !== undefined) await wait(slice.everyMs)
    }
    held -= bytes.length
    if (held < HELD_MAX) from.resume()
  }
  const endIt = async (): Promise<void> => {
    await untilFree(undefined)
    if (trouble.lost === 'vanishes') {
      lossy = true
      return
    }
    if (trouble.closeDelayMs !== undefined) await wait(trouble.closeDelayMs)
    to.end()
  }

  from.on('data', (bytes: Buffer) => {
    held += bytes.length
    if (held >= HELD_MAX) from.pause()
    const cameAt = performance.now()
    tail = tail.then(() => carry(bytes, cameAt))
  })
  from.on('end', () => {
    tail = tail.then(endIt)
  })

  return {
    order: (next) => {
      trouble = next
      left = next.limit?.bytes ?? Number.POSITIVE_INFINITY
      if (lossy && next.lost !== 'vanishes') reset()
      ordered.resolve()
      ordered = Promise.withResolvers<void>()
    },
  }
}
