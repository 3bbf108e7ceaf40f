import type { SendFailure } from '@whatsapp-sender/contract'
import { ProblemError } from '../http/problem.ts'

/** What Evolution API's refusal is to our caller. Its own words go to the log only. */
export function evolutionProblem(failure: SendFailure): ProblemError {
  const cause = new EvolutionCallError(failure)
  const members = { evolutionCode: failure.code }
  const { kind, retryAfterMs } = failure
  if (kind === 'configuration' || kind === 'permanent') {
    return new ProblemError('evolution-failed', 'Evolution API refused the request.', { members, cause })
  }
  const retryAfterSeconds = (retryAfterMs ?? 5000) / 1000
  return new ProblemError('unavailable', 'Evolution API does not answer now.', { members, cause, retryAfterSeconds })
}

class EvolutionCallError extends Error {
  override readonly name = 'EvolutionCallError'
  readonly code: string

  constructor({ code, detail }: SendFailure) {
    super(detail)
    this.code = code
  }
}
