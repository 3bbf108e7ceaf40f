import type { Suppression } from '@whatsapp-sender/store'
import { ProblemError } from '../http/problem.ts'

/** @throws {ProblemError} 404 */
export function foundOrRefuse(found: Suppression | undefined): Suppression {
  if (found === undefined) throw notListed()
  return found
}

export function notListed(): ProblemError {
  return new ProblemError('suppression-not-found', 'This number is not on your suppression list.')
}
