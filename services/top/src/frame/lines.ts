import type pc from 'picocolors'

export type Style = 'plain' | 'title' | 'faint' | 'bad'

/** A line before it has a width: parts with a style each. */
export type Line = readonly Readonly<{ text: string; style: Style }>[]

/** Of picocolors. */
export type Colors = ReturnType<typeof pc.createColors>

/** What others wrote must not steer the terminal. */
const CONTROL = /\p{Cc}/gu

export function plain(text: string): Line {
  return [{ text, style: 'plain' }]
}

export function styled(style: Style, text: string): Line {
  return [{ text, style }]
}

/** Cells one after the other, each padded to its width; the last one takes what is left. */
export function cells(widths: readonly number[], texts: readonly string[]): string {
  return texts.map((text, n) => padded(text, n === texts.length - 1 ? undefined : widths[n])).join('')
}

/** As it is shown: no wider than `columns`, cut with an ellipsis, in colours. */
export function shown(line: Line, columns: number, colors: Colors): string {
  const length = line.reduce((sum, { text }) => sum + text.length, 0)
  const isCut = length > columns
  let left = isCut ? columns - 1 : columns
  const parts: string[] = []
  for (const { text, style } of line) {
    const fitting = text.replaceAll(CONTROL, ' ').slice(0, left)
    left -= fitting.length
    if (fitting !== '') parts.push(paint(fitting, style, colors))
  }
  return isCut ? `${parts.join('')}…` : parts.join('')
}

function paint(text: string, style: Style, colors: Colors): string {
  switch (style) {
    case 'plain':
      return text
    case 'title':
      return colors.bold(text)
    case 'faint':
      return colors.dim(text)
    case 'bad':
      return colors.red(text)
  }
}

function padded(text: string, width: number | undefined): string {
  if (width === undefined) return text
  return (text.length > width - 1 ? `${text.slice(0, width - 2)}…` : text).padEnd(width)
}
