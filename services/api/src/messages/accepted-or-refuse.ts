import { RECORD_BYTES_MAX } from '@whatsapp-sender/contract'
import { ProblemError } from '../http/problem.ts'
import type { SendMessageResult } from './send-message.ts'

type Accepted = Extract<SendMessageResult, { kind: 'accepted' }>

/** @throws {ProblemError} for every result but `accepted` */
export function acceptedOrRefuse(result: SendMessageResult): Accepted {
  switch (result.kind) {
    case 'accepted':
      return result
    case 'instance-not-found':
      throw new ProblemError('instance-not-found', 'There is no such instance.')
    case 'idempotency-key-reused':
      throw new ProblemError('idempotency-key-reused', 'This Idempotency-Key was used with another body.')
    case 'expires-too-soon':
      throw new ProblemError('invalid-request', `expiresAt: ${TOO_SOON}`, {
        errors: [{ field: 'expiresAt', message: TOO_SOON }],
      })
    case 'too-large':
      throw new ProblemError('too-large', `The message is larger than ${RECORD_BYTES_MAX} bytes.`)
    case 'overloaded':
      throw new ProblemError('overloaded', 'Too many messages are waiting. This one was not accepted.', SOON)
    case 'unavailable':
      throw new ProblemError('unavailable', 'Messages cannot be accepted now. This one was not.', SOON)
    case 'accept-unknown':
      throw new ProblemError(
        'accept-unknown',
        'The message may have been accepted. Look it up by its id, or repeat the call with an Idempotency-Key.',
        { ...SOON, members: { id: result.id } },
      )
  }
}

const TOO_SOON = 'must be at least a second ahead, and after sendAt'

const SOON = { retryAfterSeconds: 2 }
