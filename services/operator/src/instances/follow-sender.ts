import { dataOf, type Schemas } from '@whatsapp-sender/client'
import { createLoop, type Loop } from '@whatsapp-sender/service-runtime'
import { type SenderApi, SenderUnavailableError } from './sender-api.ts'

/** What the API's list tells of an instance that the operator keeps. */
type Listed = Schemas['Instance']

const PAGE_SIZE = 100

/**
 * Looks through all instances that the operator keeps at one API, again and again, and tells the names of those that are
 * not as they were at the last look: a phone was lost, somebody gave one back, one is gone. One look is a call for each
 * hundred instances, and finds out, too, when an API that was away is back.
 */
export function createFollowSender({
  api,
  pauseMs,
  onMoved,
  onKept,
  onError,
}: Readonly<{
  api: Pick<SenderApi, 'probe'>
  /** Between two looks. */
  pauseMs(): number
  onMoved(instanceName: string): void
  /** All of the names that it keeps, after each look. */
  onKept(instanceNames: readonly string[]): Promise<void>
  onError(error: unknown): void
}>): Loop {
  let seen: ReadonlyMap<string, string> | undefined

  async function look(): Promise<void> {
    const now = new Map<string, string>()
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const query = { limit: PAGE_SIZE, ...(cursor && { cursor }) }
      const page = await api.probe('list', (client, signal) =>
        dataOf(client.GET('/v1/instances', { params: { query }, signal })),
      )
      for (const instance of page.data) now.set(instance.name, digestOf(instance))
      cursor = page.next
    }
    // At the first look every resource is reconciled anyway.
    const before = seen ?? now
    seen = now
    for (const name of new Set([...before.keys(), ...now.keys()])) {
      if (before.get(name) !== now.get(name)) onMoved(name)
    }
    await onKept([...now.keys()])
  }

  return createLoop({
    step: async () => {
      await look().catch((error: unknown) => {
        // Each resource tells of it in its status.
        if (!(error instanceof SenderUnavailableError)) onError(error)
      })
      return pauseMs()
    },
    onError,
  })
}

/** All but what moves while messages are sent. */
function digestOf({ holding: _holding, today: _today, ...rest }: Listed): string {
  return JSON.stringify(rest)
}
