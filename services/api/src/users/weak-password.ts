import { ProblemError } from '../http/problem.ts'

export function weakPassword(field: string, why: string): ProblemError {
  return new ProblemError('weak-password', `${field}: ${why}`, { errors: [{ field, message: why }] })
}
