import type { Schemas } from './schemas.ts'

/** What every answer that is no success says. */
export type Problem = Schemas['Problem']

type Result = Readonly<{ data?: unknown; error?: unknown; response: Response }>
type Success<R> = Extract<R, { error?: undefined }>

/** The data of a call's answer. Throws an `ApiError` if the answer is no success. */
export async function dataOf<R extends Result>(call: Promise<R>): Promise<Success<R>['data']> {
  const result = await call
  if (isSuccess(result)) return result.data
  throw new ApiError(result.response, isProblem(result.error) ? result.error : undefined)
}

/** An answer that is no success. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly status: number
  /** Stable: branch on it. `no-problem`: something in front of the API has answered. */
  readonly code: string
  /** After so long a repeated call may succeed, if the answer says so. */
  readonly retryAfterSeconds: number | undefined
  readonly problem: Problem | undefined

  constructor({ status, headers }: Response, problem: Problem | undefined) {
    const code = problem?.code ?? 'no-problem'
    super(`${status} ${code}${problem ? `: ${problem.detail}` : ''}`)
    this.status = status
    this.code = code
    const retryAfter = Number.parseInt(headers.get('retry-after') ?? '', 10)
    this.retryAfterSeconds = Number.isNaN(retryAfter) ? undefined : retryAfter
    this.problem = problem
  }
}

function isSuccess<R extends Result>(result: R): result is R & Success<R> {
  return result.response.ok
}

/** Whoever stands between may answer with anything. */
function isProblem(error: unknown): error is Problem {
  return typeof error === 'object' && error !== null && 'code' in error && 'detail' in error
}
