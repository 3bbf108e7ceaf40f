import type { Instance } from '@whatsapp-sender/store'
import { ProblemError } from '../http/problem.ts'
import type { FoundInstance } from './instance-lookup.ts'

/** @throws {ProblemError} the same 404 whether the instance is another user's or nobody's */
export function foundOrRefuse(found: FoundInstance): Instance {
  if (found === 'missing') throw new ProblemError('instance-not-found', 'There is no such instance.')
  if (found === 'unknown') {
    throw new ProblemError('unavailable', 'The instance cannot be looked up now.', { retryAfterSeconds: 5 })
  }
  return found
}
