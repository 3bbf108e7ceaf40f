import { type Logger, traceIdOf } from '@whatsapp-sender/service-runtime'
import type { LaneRow, Outcome } from '@whatsapp-sender/store'
import type { EndedUnsent } from './delivery/ended-unsent.ts'

/** The message that a line is about. `to` is masked by the logger, and hashed beside. */
export type ToldRow = Pick<LaneRow, 'id' | 'instance'> & Partial<Pick<LaneRow, 'to' | 'traceparent'>>

/** One line for each outcome of a message: what came of it, and why, never what it says. */
export function createOutcomeLines(logger: Logger) {
  const factsOf = (row: ToldRow) => {
    const traceId = traceIdOf(row.traceparent)
    return {
      messageId: row.id,
      instance: row.instance,
      ...(row.to !== undefined && { to: row.to }),
      ...(traceId !== undefined && { traceId }),
    }
  }
  return {
    /** @param name of the outcome, as it is counted */
    outcome: (row: ToldRow, outcome: Outcome, name: string, ageMs: number) => {
      const { number: attempt, durationMs, error } = outcome.attempt
      const facts = { ...factsOf(row), attempt, durationMs, ageMs: Math.max(0, Math.round(ageMs)), outcome: name }
      if (outcome.status === 'sent') {
        logger.info({ ...facts, by: outcome.by }, 'message sent')
        return
      }
      const why = { reason: error?.code, ...(error?.httpStatus !== undefined && { httpStatus: error.httpStatus }) }
      if (outcome.status === 'queued') {
        logger.info(
          { ...facts, ...why, nextAttemptAt: outcome.nextAttemptAt },
          'message not sent; it will be tried again',
        )
        return
      }
      // What only a person can bring further is worth a second look; a message that could never arrive is not.
      logger[outcome.status === 'failed' ? 'info' : 'warn']({ ...facts, ...why }, 'message not sent')
    },
    ended: (row: ToldRow, { status: outcome, code: reason }: EndedUnsent) => {
      logger.info({ ...factsOf(row), outcome, reason }, 'message ended unsent')
    },
    ambiguous: (row: ToldRow, reason: string) => {
      logger.warn({ ...factsOf(row), reason }, 'it is not known whether a message left')
    },
  }
}
