import type { MessageRow } from '@whatsapp-sender/store'

/** A dead letter as a list shows it; its text and its attempts are shown of one at a time. */
export function deadLetterView(row: MessageRow) {
  const lastAttempt = row.attempts.at(-1)
  return {
    id: row.id,
    user: row.user,
    instance: row.instance,
    to: row.to,
    type: row.type,
    status: row.status,
    ...(row.reason && { reason: row.reason }),
    attemptsCount: row.attemptsCount,
    ...(lastAttempt && { lastAttemptAt: lastAttempt.startedAt }),
    ...(row.reference !== undefined && { reference: row.reference }),
    ...(row.expiresAt && { expiresAt: row.expiresAt }),
    acceptedAt: row.acceptedAt,
    ...(row.failedAt && { failedAt: row.failedAt }),
    ...(row.actions && { actions: row.actions }),
  }
}
