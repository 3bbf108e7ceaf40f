import { traceIdOf } from '@whatsapp-sender/service-runtime'
import type { Attempt, MessageRow } from '@whatsapp-sender/store'
import { type Surroundings, waitingOf } from './message-waiting.ts'

/** A message's whole life, as its owner sees it. */
export function messageView(row: MessageRow, surroundings: Surroundings, now = Date.now()) {
  return {
    // As it was asked for. First, so that no kind can hide what all messages have.
    ...row.content,
    id: row.id,
    instance: row.instance,
    ...(row.erased ? { erased: row.erased } : { to: row.to }),
    type: row.type,
    status: row.status,
    ...waitingOf({ ...row, lastOutcome: row.attempts.at(-1)?.outcome }, surroundings, now),
    ...present(row, 'reason', 'stuck', 'redacted'),
    priority: row.priority,
    onAmbiguous: row.onAmbiguous,
    ...present(row, 'batch', 'campaign', 'reference', 'metadata', 'labels'),
    attempts: row.attempts.map(attemptView),
    ...(isAhead(row, now) && present(row, 'nextAttemptAt')),
    ...present(row, 'providerMessageId', 'resolvedTo'),
    ...(row.traceparent !== undefined && { traceId: traceIdOf(row.traceparent) }),
    ...(row.actions && { actions: row.actions }),
    // What the other bodies were is not known; that there were some, the caller should hear.
    ...(row.conflicts && { conflicts: row.conflicts.map(({ at }) => ({ at })) }),
    acceptedAt: row.acceptedAt,
    ...present(row, 'sendAt', 'expiresAt', 'sentAt', 'deliveredAt', 'readAt', 'playedAt', 'failedAt'),
  }
}

function attemptView({ number, startedAt, durationMs, outcome, error }: Attempt) {
  return { number, startedAt, durationMs, outcome, ...(error && { error }) }
}

/** The row keeps the time of its last wait while it is claimed, and after it. */
export function isAhead({ status, nextAttemptAt }: Pick<MessageRow, 'status' | 'nextAttemptAt'>, now: number): boolean {
  return status === 'queued' && nextAttemptAt !== undefined && nextAttemptAt.getTime() > now
}

function present<K extends keyof MessageRow>(row: MessageRow, ...keys: readonly K[]): Partial<Pick<MessageRow, K>> {
  const shown: Partial<Pick<MessageRow, K>> = {}
  for (const key of keys) if (row[key] !== undefined) shown[key] = row[key]
  return shown
}
