import { InstanceName } from '@whatsapp-sender/contract'
import type { DeadLetterFilter } from '@whatsapp-sender/store'
import { z } from 'zod'
import { ProblemError } from '../http/problem.ts'
import { Moment } from '../messages/moment.ts'
import type { RecipientSchema } from '../messages/recipient.ts'
import { may } from '../permissions.ts'
import { placeCursor } from '../place-cursor.ts'
import type { Principal } from '../principal.ts'

/** Which dead letters, as a query or a body says it. */
export function deadLetterFields(recipient: RecipientSchema) {
  return {
    /** For those who see everybody's. */
    user: z
      .string()
      .regex(/^[A-Za-z0-9-]{1,64}$/, 'must be a user id')
      .optional(),
    instance: InstanceName.optional(),
    status: z.enum(['failed', 'dead-lettered', 'unknown']).optional(),
    to: recipient.optional(),
    reason: z.string().min(1).max(100).optional(),
    since: Moment.optional(),
    until: Moment.optional(),
  }
}

/**
 * The dead letters that somebody may see: his own, or everybody's.
 * @throws {ProblemError} 403
 */
export function filterFor(principal: Principal, filter: DeadLetterFilter): DeadLetterFilter {
  if (may(principal, 'messages:all')) return filter
  if (filter.user !== undefined && filter.user !== principal.id) {
    throw new ProblemError('forbidden', `The role ${principal.role} does not see what belongs to others.`)
  }
  return { ...filter, user: principal.id }
}

/** Whose dead letters one who asks for a certain one may see; undefined: everybody's. */
export function ownerSeenBy(principal: Principal): string | undefined {
  return may(principal, 'messages:all') ? undefined : principal.id
}

export const { Cursor, cursorOf } = placeCursor('[0-9a-f-]{36}')
