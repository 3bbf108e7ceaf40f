import type { Request } from 'express'
import { ProblemError } from './problem.ts'

/**
 * What the caller names his request by, so that repeating it adds nothing.
 * @throws {ProblemError} 400
 */
export function idempotencyKeyOf(req: Request): string | undefined {
  const key = req.headers['idempotency-key']
  if (key === undefined) return undefined
  // Node joins what was sent twice, and a joined key is neither of the two.
  if (req.headersDistinct['idempotency-key']?.length !== 1) throw refused('must be sent once')
  if (typeof key === 'string' && /^[\x20-\x7e]{1,255}$/.test(key)) return key
  throw refused('must be 1 to 255 printable ASCII characters')
}

function refused(message: string): ProblemError {
  return new ProblemError('invalid-request', `Idempotency-Key: ${message}`, {
    errors: [{ field: 'Idempotency-Key', message }],
  })
}
