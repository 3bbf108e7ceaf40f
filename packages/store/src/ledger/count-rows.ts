import { DEAD_LETTERS, OPEN_BY_PRIORITY } from './ledger-indexes.ts'
import type { MessageCollection } from './message-document.ts'
import { ASKED_MAX_MS } from './user-action.ts'

/** A dead letter has to be read to be counted. */
const DEAD_LETTERS_MAX = 10_000

/**
 * How many rows there are. `open`: unfinished, counted in an index; `deadLetters`: 10,000 at most; `kept`: all, as the
 * database has them in its head, so after a crash it may be off for a while.
 */
export type RowCounts = Readonly<{ open: number; deadLetters: number; kept: number }>

export async function countRows(rows: MessageCollection): Promise<RowCounts> {
  const maxTimeMS = ASKED_MAX_MS
  const [open, deadLetters, kept] = await Promise.all([
    rows.countDocuments({ open: 1 }, { hint: OPEN_BY_PRIORITY, maxTimeMS }),
    rows.countDocuments({ attention: 1 }, { hint: DEAD_LETTERS, limit: DEAD_LETTERS_MAX, maxTimeMS }),
    rows.estimatedDocumentCount({ maxTimeMS }),
  ])
  return { open, deadLetters, kept }
}
