import { ROW_BYTES_MAX, rowTooLong, type SourceRow } from './row-source.ts'

const NEWLINE = 0x0a
const BYTE_ORDER_MARK = '\ufeff'

/**
 * JSON, a row on each line; empty lines are passed over. Holds one line at most.
 * @throws {ProblemError} 413 for a line that is too long
 */
export async function* readNdjson(source: AsyncIterable<Uint8Array>): AsyncGenerator<SourceRow> {
  let rest: Buffer = Buffer.alloc(0)
  let line = 0
  for await (const chunk of source) {
    const bytes = rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([rest, chunk])
    let from = 0
    for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, from)) {
      line += 1
      yield* rowsOf(bytes.subarray(from, end), line)
      from = end + 1
    }
    rest = bytes.subarray(from)
    if (rest.length > ROW_BYTES_MAX) throw rowTooLong(line + 1)
  }
  yield* rowsOf(rest, line + 1)
}

function* rowsOf(bytes: Buffer, line: number): Generator<SourceRow> {
  if (bytes.length > ROW_BYTES_MAX) throw rowTooLong(line)
  const all = bytes.toString('utf8')
  const text = (line === 1 && all.startsWith(BYTE_ORDER_MARK) ? all.slice(1) : all).trim()
  if (text === '') return
  try {
    yield { line, value: JSON.parse(text) }
  } catch {
    yield { line, faults: [{ field: 'body', message: 'is not JSON' }] }
  }
}
