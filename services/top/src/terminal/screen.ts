import type { WriteStream } from 'node:tty'

const OPEN = '\u001b[?1049h\u001b[?25l'
const CLOSE = '\u001b[?25h\u001b[?1049l'
const HOME = '\u001b[H'
const CLEAR_LINE = '\u001b[K'
const CLEAR_BELOW = '\u001b[J'
/** A terminal that knows them shows what is between at once; others pass them over. */
const TOGETHER = ['\u001b[?2026h', '\u001b[?2026l'] as const

export type Screen = Readonly<{
  open(): void
  /** Writes over what was there, so that nothing flickers. */
  draw(lines: readonly string[]): void
  /** What the terminal showed before is there again. May be called more than once. */
  close(): void
  size(): Readonly<{ columns: number; rows: number }>
}>

export function createScreen(out: WriteStream): Screen {
  let isOpen = false
  return {
    open: () => {
      isOpen = true
      out.write(OPEN)
    },
    draw: (lines) => {
      const [begin, end] = TOGETHER
      const text = lines.map((line) => `${line}${CLEAR_LINE}`).join('\r\n')
      out.write(`${begin}${HOME}${text}${CLEAR_BELOW}${end}`)
    },
    close: () => {
      if (!isOpen) return
      isOpen = false
      out.write(CLOSE)
    },
    // In the last column some terminals break the line, and clearing what is behind it clears it.
    size: () => ({ columns: out.columns - 1, rows: out.rows }),
  }
}
