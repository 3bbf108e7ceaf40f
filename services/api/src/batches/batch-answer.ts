import { type FieldFault, invalidRequest, ProblemError } from '../http/problem.ts'
import { problemOfResult } from '../messages/accepted-or-refuse.ts'
import type { RowResult } from './send-batch.ts'

/** What the caller is told of a row. `unavailable`: not in the log, and it may be tried again. */
type RowAnswer =
  | Readonly<{ status: 'accepted'; id: string; replayed?: true }>
  | Readonly<{ status: 'valid' }>
  | Readonly<{ status: 'refused'; code: string; detail: string; errors?: readonly FieldFault[] }>
  | Readonly<{ status: 'unavailable'; code: 'overloaded' | 'unavailable' }>
  | Readonly<{ status: 'accept-unknown'; id: string }>

export function answerOf(result: RowResult): RowAnswer {
  const { kind } = result
  if (kind === 'accepted') return { status: kind, id: result.id, ...(result.isReplay && { replayed: true as const }) }
  if (kind === 'accept-unknown') return { status: kind, id: result.id }
  if (kind === 'valid') return { status: kind }
  if (kind === 'overloaded' || kind === 'unavailable') return { status: 'unavailable', code: kind }
  return refusalOf(problemOfResult(result))
}

/** A row that does not say what a message has to say. */
export function faultyRow(faults: readonly FieldFault[]): RowAnswer {
  return refusalOf(invalidRequest(faults))
}

function refusalOf({ code, publicMessage, options: { errors } }: ProblemError): RowAnswer {
  return { status: 'refused', code, detail: publicMessage, ...(errors && { errors }) }
}

export type BatchAnswer = Readonly<{ batch: string; counts: Counts; results: readonly RowAnswer[] }>

type Counts = Readonly<{ accepted: number; valid: number; refused: number; unavailable: number; unknown: number }>

export function countsOf(results: readonly RowAnswer[]): Counts {
  const counts = { accepted: 0, valid: 0, refused: 0, unavailable: 0, 'accept-unknown': 0 }
  for (const { status } of results) counts[status] += 1
  const { 'accept-unknown': unknown, ...others } = counts
  return { ...others, unknown }
}

/**
 * Of a batch of which nothing was accepted for certain.
 * @throws {ProblemError} 422 when every row was refused for good, 503 when repeating may help; with the results
 */
export function refuseBatch(answer: BatchAnswer): never {
  const { refused, unknown } = answer.counts
  const members = { ...answer }
  if (refused === answer.results.length) {
    throw new ProblemError('batch-refused', 'No message of the batch can be accepted; "results" says why.', { members })
  }
  const again = { members, retryAfterSeconds: 2 }
  if (unknown > 0) {
    throw new ProblemError(
      'accept-unknown',
      'Messages of the batch may have been accepted; "results" has their ids. Repeat it with the same Idempotency-Key.',
      again,
    )
  }
  const isOverload = answer.results.some((row) => row.status === 'unavailable' && row.code === 'overloaded')
  throw new ProblemError(isOverload ? 'overloaded' : 'unavailable', 'No message of the batch was accepted.', again)
}
