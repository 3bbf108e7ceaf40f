import { randomUUID } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

const SAFE_ID = /^[A-Za-z0-9._-]{1,64}$/

export type NextRequestId = () => string

/** Ids unlike any other process', and in order within this one. */
export function createRequestIds(): NextRequestId {
  const prefix = randomUUID()
  let count = 0
  return () => `${prefix}-${(++count).toString(36)}`
}

/** The caller's own id when it can stand in a log as it is, else one of ours. */
export function requestIdOf(headers: IncomingHttpHeaders, nextId: NextRequestId): string {
  const asked = headers['request-id'] ?? headers['x-request-id']
  return typeof asked === 'string' && SAFE_ID.test(asked) ? asked : nextId()
}
