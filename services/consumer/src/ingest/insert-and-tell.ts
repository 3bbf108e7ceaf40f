import type { IngestedMessage, Ledger } from '@whatsapp-sender/store'

/** Makes rows of messages, and tells of those that are new, and that there is something to tell to whoever follows. */
export function createInsertAndTell(
  ledger: Pick<Ledger, 'insert'>,
  o: {
    onInserted(messages: readonly IngestedMessage[]): void
    /** There are messages with a feed. */
    onFeed(): void
  },
): Ledger['insert'] {
  return async (messages, now) => {
    const result = await ledger.insert(messages, now)
    o.onInserted(result.inserted)
    if (messages.some(({ record }) => record.feed)) o.onFeed()
    return result
  }
}
