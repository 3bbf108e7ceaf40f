import { InstanceName } from '@whatsapp-sender/contract'
import type { DeadLetterFilter, DeadLetterPlace } from '@whatsapp-sender/store'
import { z } from 'zod'
import { CURSOR_FAULT } from '../http/page-query.ts'
import { ProblemError } from '../http/problem.ts'
import { Moment } from '../messages/moment.ts'
import type { RecipientSchema } from '../messages/recipient.ts'
import type { Principal } from '../principal.ts'

/** Which dead letters, as a query or a body says it. */
export function deadLetterFields(recipient: RecipientSchema) {
  return {
    /** For administrators. */
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
 * The dead letters that somebody may see: a user his own, an administrator everybody's.
 * @throws {ProblemError} 403
 */
export function filterFor(principal: Principal, filter: DeadLetterFilter): DeadLetterFilter {
  if (principal.role === 'admin') return filter
  if (filter.user !== undefined && filter.user !== principal.id) {
    throw new ProblemError('forbidden', 'Only administrators see what belongs to others.')
  }
  return { ...filter, user: principal.id }
}

/** Whose dead letters one who asks for a certain one may see; undefined: everybody's. */
export function ownerSeenBy({ role, id }: Principal): string | undefined {
  return role === 'admin' ? undefined : id
}

/** A place in the list, as callers carry it from page to page. */
export const Cursor = z
  .string()
  .regex(/^[0-9a-z]{1,9}_[0-9a-f-]{36}$/, CURSOR_FAULT)
  .transform((text): DeadLetterPlace => {
    const [time = '', id = ''] = text.split('_')
    return { createdAt: Number.parseInt(time, 36), id }
  })

export function cursorOf(place: DeadLetterPlace | undefined): string | null {
  return place === undefined ? null : `${place.createdAt.toString(36)}_${place.id}`
}
