import { RECORD_BYTES_MAX } from '@whatsapp-sender/contract'
import { invalidRequest, ProblemError } from '../http/problem.ts'
import type { SendMessageResult } from './send-message.ts'

type Accepted = Extract<SendMessageResult, { kind: 'accepted' }>
type NotAccepted = Exclude<SendMessageResult, Accepted>

/** @throws {ProblemError} for every result but `accepted` */
export function acceptedOrRefuse(result: SendMessageResult): Accepted {
  if (result.kind === 'accepted') return result
  throw problemOfResult(result)
}

/** How a caller is told that his message was not accepted, or may not have been. */
export function problemOfResult(result: NotAccepted): ProblemError {
  switch (result.kind) {
    case 'instance-not-found':
      return new ProblemError('instance-not-found', 'There is no such instance.')
    case 'idempotency-key-reused':
      return new ProblemError('idempotency-key-reused', 'This Idempotency-Key was used with another body.')
    case 'kind-not-supported':
      return new ProblemError('kind-not-supported', result.detail)
    case 'expires-too-soon':
      return invalidRequest([{ field: 'expiresAt', message: 'must be at least a second ahead, and after sendAt' }])
    case 'suppressed':
      return new ProblemError('suppressed', 'This number is on your suppression list.')
    case 'too-large':
      return new ProblemError('too-large', `The message is larger than ${RECORD_BYTES_MAX} bytes.`)
    case 'overloaded':
      return new ProblemError('overloaded', 'Too many messages are waiting. This one was not accepted.', SOON)
    case 'unavailable':
      return new ProblemError('unavailable', 'Messages cannot be accepted now. This one was not.', SOON)
    case 'accept-unknown':
      return new ProblemError(
        'accept-unknown',
        'The message may have been accepted. Look it up by its id, or repeat the call with an Idempotency-Key.',
        { ...SOON, members: { id: result.id } },
      )
  }
}

const SOON = { retryAfterSeconds: 2 }
