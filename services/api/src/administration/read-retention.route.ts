import type { RequestHandler } from 'express'
import type { Authenticate } from '../http/authenticate.ts'

/** How long each thing is kept, in days; `content`: hours after a message ended, null as long as the message. */
export type Retention = Readonly<{
  messages: number
  contentHours: number | null
  undecodable: number
  audit: number
  events: number
  webhookDeliveries: number
  usage: number
  erasures: number
  operations: number
  topics: number
}>

/** Changing it is configuration: processes that go by different times would contradict each other. */
export function readRetentionRoute(o: { authenticate: Authenticate; retention: Retention }): RequestHandler {
  return async (req, res) => {
    await o.authenticate(req, res, 'administration')
    res.json({ days: daysOf(o.retention), contentHours: o.retention.contentHours, configuredBy: CONFIGURED_BY })
  }
}

function daysOf({ contentHours: _hours, ...days }: Retention) {
  return days
}

/** What is not named here is fixed. */
const CONFIGURED_BY = {
  messages: 'MESSAGE_RETENTION_DAYS',
  undecodable: 'MESSAGE_RETENTION_DAYS',
  contentHours: 'REDACT_AFTER_HOURS',
  audit: 'AUDIT_RETENTION_DAYS',
}
