import { pipeline } from 'node:stream/promises'
import type { CsvError } from 'csv-parse'
import { z } from 'zod'
import { faultOfFile, ROW_BYTES_MAX, rowTooLong, type SourceRow } from './row-source.ts'

/** Columns that say something of the message; any other is for the template. */
const FIELDS = ['to', 'instance', 'text', 'reference', 'priority', 'sendAt', 'expiresAt'] as const
const COLUMNS_MAX = 200

const ParsedRecord = z.object({ info: z.object({ lines: z.int() }), record: z.array(z.string()) })

/**
 * CSV whose first row names its columns; they are separated by whichever of comma, semicolon and tab the first row has
 * most of. What has no name in the template is passed over.
 * @param names of the template's placeholders; undefined: there is none
 * @throws {ProblemError} 400 for a file that cannot be read on, 413 for a row that is too long
 */
export async function* readCsv(
  source: AsyncIterable<Uint8Array>,
  names: ReadonlySet<string> | undefined,
): AsyncGenerator<SourceRow> {
  let columns: ReadonlyMap<string, number> | undefined
  let width = 0
  for await (const { line, cells } of recordsOf(source)) {
    if (columns === undefined) {
      columns = columnsOf(cells, names)
      width = cells.length
    } else if (cells.length === width) {
      yield { line, value: messageOf(cells, columns, names) }
    } else {
      const message = `has ${cells.length} columns, and the first row has ${width}`
      yield { line, faults: [{ field: 'body', message }] }
    }
  }
}

async function* recordsOf(source: AsyncIterable<Uint8Array>): AsyncGenerator<{ line: number; cells: string[] }> {
  // Rarely needed, so not loaded before.
  const { CsvError, parse } = await import('csv-parse')
  const { head, all } = await firstLineOf(source)
  const parser = parse({
    bom: true,
    delimiter: delimiterOf(head),
    info: true,
    max_record_size: ROW_BYTES_MAX,
    relax_column_count: true,
    skip_empty_lines: true,
  })
  // What goes wrong in the source comes out of the parser.
  pipeline(all, parser).catch(() => {})
  try {
    for await (const parsed of parser) {
      const { info, record } = ParsedRecord.parse(parsed)
      yield { line: info.lines, cells: record }
    }
  } catch (error) {
    throw error instanceof CsvError ? problemOf(error) : error
  }
}

function problemOf(error: CsvError): Error {
  const line = Number(error['lines'])
  if (error.code === 'CSV_MAX_RECORD_SIZE') return rowTooLong(line)
  if (error.code === 'CSV_QUOTE_NOT_CLOSED') return faultOfFile('begins a quote that never ends', line)
  return faultOfFile('has a quote in a wrong place: quotes stand around a whole cell, and those within it twice', line)
}

/** Looks into the source without taking anything from it. */
async function firstLineOf(source: AsyncIterable<Uint8Array>) {
  const chunks = source[Symbol.asyncIterator]()
  const seen: Uint8Array[] = []
  let head = ''
  while (!head.includes('\n') && head.length < ROW_BYTES_MAX) {
    const next = await chunks.next()
    if (next.done) break
    seen.push(next.value)
    head += Buffer.from(next.value).toString('latin1')
  }
  async function* all() {
    yield* seen
    yield* { [Symbol.asyncIterator]: () => chunks }
  }
  return { head: head.split('\n', 1)[0] ?? '', all: all() }
}

function delimiterOf(head: string): string {
  const unquoted = head.replaceAll(/"[^"]*"/g, '')
  const [best] = [',', ';', '\t']
    .map((delimiter) => ({ delimiter, count: unquoted.split(delimiter).length }))
    .sort((a, b) => b.count - a.count)
  return best?.delimiter ?? ','
}

function columnsOf(cells: readonly string[], names: ReadonlySet<string> | undefined): ReadonlyMap<string, number> {
  const columns = new Map(cells.map((name, index) => [name.trim(), index]))
  if (cells.length > COLUMNS_MAX) throw faultOfFile(`has more than ${COLUMNS_MAX} columns`, 1)
  if (columns.size < cells.length) throw faultOfFile('names a column twice', 1)
  const needed = ['to', ...(names ?? ['text'])]
  const missing = needed.filter((name) => !columns.has(name))
  if (missing.length > 0) throw faultOfFile(`must name the columns ${missing.join(', ')}`, 1)
  return columns
}

function messageOf(
  cells: readonly string[],
  columns: ReadonlyMap<string, number>,
  names: ReadonlySet<string> | undefined,
): unknown {
  const cellOf = (name: string) => cells[columns.get(name) ?? -1] ?? ''
  const own = FIELDS.map((name) => [name, cellOf(name)] as const).filter(([, cell]) => cell !== '')
  const hasText = own.some(([name]) => name === 'text')
  const variables = names && !hasText && Object.fromEntries([...names].map((name) => [name, cellOf(name)]))
  return { ...Object.fromEntries(own), ...(variables && { variables }) }
}
