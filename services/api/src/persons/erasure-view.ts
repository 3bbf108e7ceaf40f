import type { PersonErasure } from '@whatsapp-sender/store'

/** How far an erasure has come. `waiting`: messages that have to end first, as of the last look. */
export function erasureView({ id, by, user, person, stage, counts, left, ...rest }: PersonErasure) {
  const { rows, cancelled, messages, contacts, suppressions } = counts
  return {
    id,
    by,
    records: user === undefined ? 'everybody' : 'own',
    person,
    status: stage === 'done' ? 'done' : 'running',
    stage,
    suppressions: rest.withSuppressions ? 'erase' : 'keep',
    done: { rows, cancelled, messages, contacts, suppressions },
    waiting: left,
    createdAt: rest.createdAt,
    ...(rest.doneAt && { doneAt: rest.doneAt }),
  }
}
