import type { FieldFault } from '../http/problem.ts'
import { invalidRequest, ProblemError } from '../http/problem.ts'

/**
 * A row as its file has it: the body of a message, or why it is none. `line` counts from 1 and rises; of a row over
 * several lines it is the last.
 */
export type SourceRow = Readonly<
  { line: number } & ({ value: unknown; faults?: never } | { value?: never; faults: readonly FieldFault[] })
>

/** Of one row, in bytes: what a single message may have. */
export const ROW_BYTES_MAX = 64 * 1024

/** What is wrong with a file from this line on: nothing after it can be trusted. */
export function faultOfFile(message: string, line?: number): ProblemError {
  return invalidRequest([{ field: line === undefined ? 'body' : `line ${line}`, message }])
}

export function rowTooLong(line: number): ProblemError {
  return new ProblemError('too-large', `Line ${line} is longer than ${ROW_BYTES_MAX} bytes.`)
}

/**
 * The same bytes, of which it is certain that they are text.
 * @throws {ProblemError} 400 in the course of it
 */
export async function* checkUtf8(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  try {
    for await (const chunk of source) {
      decoder.decode(chunk, { stream: true })
      yield chunk
    }
    decoder.decode()
  } catch (error) {
    if (error instanceof TypeError) throw faultOfFile('must be UTF-8')
    throw error
  }
}
