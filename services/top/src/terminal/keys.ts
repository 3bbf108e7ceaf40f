import type { ReadStream } from 'node:tty'

/** Ctrl-C and Ctrl-D come as characters where each key is read at once. */
const ENDS = new Set(['q', 'Q', '\u0003', '\u0004'])

/** Calls `onEnd` when somebody presses q or Ctrl-C; the answer puts the keyboard back. */
export function watchKeys(input: ReadStream, onEnd: () => void): () => void {
  if (!input.isTTY) return () => undefined
  const look = (typed: Buffer): void => {
    if ([...typed.toString()].some((key) => ENDS.has(key))) onEnd()
  }
  input.setRawMode(true)
  input.on('data', look)
  return () => {
    input.off('data', look)
    input.setRawMode(false)
    input.pause()
  }
}
