import type { Overview } from '../look.ts'
import { cells, type Line, type Style, styled } from './lines.ts'
import { rangesOf, spanOf } from './words.ts'

/** `columns`: what is in them; the first one is what the table is of. */
export type Table = Readonly<{ widths: readonly number[]; columns: readonly string[]; rows: readonly Line[] }>

type Row = Readonly<{ texts: readonly string[]; style?: Style }>

const TERMINAL_MIN = 80
const WIDTHS = [24, 14, 11]
/** The id of a message is of use only as a whole, also where a terminal has 80 columns. */
const LETTER_WIDTHS = [16, 10, 17]
const ID_SHOWN = 8

/** @param terminal how many columns it has: what it has beyond 80 goes to names that are longer */
export function tablesOf(
  { messages, consumers, kafka, deadLetters, at }: Overview,
  terminal: number,
): readonly Table[] {
  const since = (then: string | null | undefined) => (then ? spanOf(Date.parse(at) - Date.parse(then)) : '–')
  const names = [
    ...(messages?.longestWaiting ?? []).map(({ instance }) => instance),
    ...(kafka ?? []).map(({ topic }) => topic),
  ]
  const widths = widened(WIDTHS, names, terminal)
  const letterWidths = widened(
    LETTER_WIDTHS,
    (deadLetters ?? []).map(({ instance }) => instance),
    terminal,
  )
  return [
    {
      widths,
      columns: ['Longest waiting', 'waits for', 'messages', 'oldest due for'],
      rows: rowsOf(widths, messages?.longestWaiting, ({ instance, waitingFor, waiting, oldestDueAt }) => ({
        texts: [instance, waitingFor, String(waiting), since(oldestDueAt)],
        style: waitingFor === 'instance' ? 'bad' : 'plain',
      })),
    },
    {
      widths,
      columns: ['Consumers', 'heartbeat', 'due', 'partitions'],
      rows: rowsOf(widths, consumers?.living, ({ id, at: beatAt, due, partitions }) => ({
        texts: [id.slice(0, ID_SHOWN), `${since(beatAt)} ago`, String(due), rangesOf(partitions) || 'none'],
      })),
    },
    {
      widths,
      columns: ['Topics', 'not read yet', 'consumers', 'group'],
      rows: rowsOf(widths, kafka, ({ topic, lag, members, group }) => ({
        texts: [topic, String(lag), String(members), group],
        style: members === 0 ? 'bad' : 'plain',
      })),
    },
    {
      widths: letterWidths,
      columns: ['Dead letters', 'ago', 'why', 'message'],
      rows: rowsOf(letterWidths, deadLetters, ({ instance, failedAt, status, reason, id }) => ({
        texts: [instance, since(failedAt), reason ?? status, id],
      })),
    },
  ]
}

/** The first column as wide as its longest name wants and the terminal has room for. */
function widened([first = 0, ...others]: readonly number[], names: readonly string[], terminal: number): number[] {
  const wanted = Math.max(first, ...names.map(({ length }) => length + 2))
  return [Math.min(wanted, first + Math.max(0, terminal - TERMINAL_MIN)), ...others]
}

/** A part that is missing says so, and one that has nothing, too. */
function rowsOf<T>(
  widths: readonly number[],
  found: readonly T[] | null | undefined,
  rowOf: (each: T) => Row,
): readonly Line[] {
  if (found === null || found === undefined) return [styled('bad', 'did not answer in time')]
  if (found.length === 0) return [styled('faint', 'none')]
  return found.map((each) => {
    const { texts, style = 'plain' } = rowOf(each)
    return styled(style, cells(widths, texts))
  })
}
