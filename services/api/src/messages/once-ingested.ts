import type { FindMessage } from './find-message.ts'

/** Does something to a message that may still be on its way from the log to the ledger: then waits for it first. */
export async function onceIngested<T>(
  message: Readonly<{ user: string; id: string }>,
  findMessage: FindMessage,
  act: () => Promise<T | undefined>,
): Promise<T | undefined> {
  const result = await act()
  if (result !== undefined) return result
  return (await findMessage(message.user, message.id)) === undefined ? undefined : await act()
}
