import type { WaitingFor } from '@whatsapp-sender/contract'
import type { Attempt, Instance, MessageRow } from '@whatsapp-sender/store'

/** What a message waits on besides itself. */
export type Surroundings = Readonly<{ instance: Instance | undefined; isEvolutionDown: boolean }>

/** A message as its owner sees it. */
export function messageView(row: MessageRow, surroundings: Surroundings, now = Date.now()) {
  const waitingFor = waitingForOf(row, surroundings, now)
  return {
    id: row.id,
    instance: row.instance,
    to: row.to,
    type: row.type,
    text: row.content.text,
    status: row.status,
    ...(waitingFor !== undefined && { waitingFor }),
    ...(row.reason && { reason: row.reason }),
    onAmbiguous: row.onAmbiguous,
    attempts: row.attempts.map(attemptView),
    ...present(row, 'providerMessageId', 'labels', 'nextAttemptAt'),
    // What the other bodies were is not known; that there were some, the caller should hear.
    ...(row.conflicts && { conflicts: row.conflicts.map(({ at }) => ({ at })) }),
    acceptedAt: row.acceptedAt,
    ...present(row, 'sentAt', 'deliveredAt', 'readAt', 'failedAt'),
  }
}

function attemptView({ number, startedAt, durationMs, outcome, error }: Attempt) {
  return { number, startedAt, durationMs, outcome, ...(error && { error }) }
}

/** Why it has not left yet; undefined once it has, or has ended. */
function waitingForOf(
  row: MessageRow,
  { instance, isEvolutionDown }: Surroundings,
  now: number,
): WaitingFor | undefined {
  if (row.status === 'scheduled') return 'schedule'
  if (row.status !== 'queued') return undefined
  if (instance?.paused) return 'paused'
  if (isEvolutionDown || instance?.state !== 'open' || instance.configurationError !== undefined) return 'instance'
  if (row.nextAttemptAt !== undefined && row.nextAttemptAt.getTime() > now) return 'retry'
  return 'pace'
}

function present<K extends keyof MessageRow>(row: MessageRow, ...keys: readonly K[]): Partial<Pick<MessageRow, K>> {
  const shown: Partial<Pick<MessageRow, K>> = {}
  for (const key of keys) if (row[key] !== undefined) shown[key] = row[key]
  return shown
}
