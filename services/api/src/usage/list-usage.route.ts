import { InstanceName } from '@whatsapp-sender/contract'
import type { UsageBook } from '@whatsapp-sender/store'
import type { RequestHandler } from 'express'
import { z } from 'zod'
import type { Authenticate } from '../http/authenticate.ts'
import { PageQuery } from '../http/page-query.ts'
import { parseQuery } from '../http/parse.ts'
import { CURSOR_FAULT } from '../place-cursor.ts'

const Day = z.iso.date('must be a day, such as 2027-01-31')

const CURSOR = /^(\d{4}-\d{2}-\d{2})@([A-Za-z0-9-]{1,64})@([A-Za-z0-9_-]{1,64})$/

const Cursor = z.string().transform((text, ctx) => {
  const [, day, user, instance] = CURSOR.exec(text) ?? []
  if (day !== undefined && user !== undefined && instance !== undefined) return { day, user, instance }
  ctx.addIssue(CURSOR_FAULT)
  return z.NEVER
})

/** `from` and `until` are included. */
export const UsageQuery = PageQuery.extend({
  instance: InstanceName.optional(),
  from: Day.optional(),
  until: Day.optional(),
  cursor: Cursor.optional(),
})

export const AllUsageQuery = UsageQuery.extend({
  user: z
    .string()
    .regex(/^[A-Za-z0-9-]{1,64}$/, 'must be a user id')
    .optional(),
})

/** A caller's own. */
export function listUsageRoute(o: { authenticate: Authenticate; listUsage: UsageBook['list'] }): RequestHandler {
  return async (req, res) => {
    const { id: user } = await o.authenticate(req, res, 'messages:read')
    const { instance, cursor, limit, ...days } = parseQuery(UsageQuery, req)
    const { data, next } = await o.listUsage({ user, instance, ...daysOf(days) }, { after: cursor, limit })
    res.json({ data: data.map(({ user: _user, ...usage }) => usage), next: cursorOf(next) })
  }
}

/** Everybody's, or one user's. */
export function listAllUsageRoute(o: { authenticate: Authenticate; listUsage: UsageBook['list'] }): RequestHandler {
  return async (req, res) => {
    await o.authenticate(req, res, 'administration')
    const { user, instance, cursor, limit, ...days } = parseQuery(AllUsageQuery, req)
    const { data, next } = await o.listUsage({ user, instance, ...daysOf(days) }, { after: cursor, limit })
    res.json({ data, next: cursorOf(next) })
  }
}

const DAY_MS = 86_400_000
const DAYS_SHOWN = 30

/** The last 30 days, unless it is said otherwise. */
function daysOf({ from, until }: Readonly<{ from?: string | undefined; until?: string | undefined }>) {
  const last = until ?? dayOf(Date.now())
  return { from: from ?? dayOf(Date.parse(last) - (DAYS_SHOWN - 1) * DAY_MS), until: last }
}

function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10)
}

function cursorOf(next: Awaited<ReturnType<UsageBook['list']>>['next']): string | null {
  return next === undefined ? null : `${next.day}@${next.user}@${next.instance}`
}
