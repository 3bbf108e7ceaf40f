import { setTimeout as sleep } from 'node:timers/promises'
import type { Look } from '../look.ts'
import type { Screen } from './screen.ts'

/** Looks, shows, and looks again, until `stop`. */
export async function showLive(o: {
  screen: Screen
  look(last: Look, signal: AbortSignal): Promise<Look>
  frame(look: Look, size: ReturnType<Screen['size']>): readonly string[]
  everyMs: number
  stop: AbortSignal
  /** Tells when the terminal has another size. */
  onResize(draw: () => void): void
}): Promise<void> {
  let known: Look = {}
  const draw = (): void => {
    if (!o.stop.aborted) o.screen.draw(o.frame(known, o.screen.size()))
  }
  o.onResize(draw)
  o.screen.open()
  try {
    while (!o.stop.aborted) {
      known = await o.look(known, o.stop)
      draw()
      await sleep(o.everyMs, undefined, { signal: o.stop }).catch(() => undefined)
    }
  } finally {
    o.screen.close()
  }
}
