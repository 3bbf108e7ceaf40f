import { until } from '@whatsapp-sender/sandbox/process/until'
import type { Installation } from './installation.ts'
import type { Component, Pod } from './pods.ts'

/** Until none of these pods is there, and as many others are ready. */
export async function untilReplaced(
  { pods }: Pick<Installation, 'pods'>,
  component: Component,
  before: readonly Pod[],
): Promise<void> {
  await until(
    `the pods of ${component} are others`,
    async () => {
      const now = await pods.list(component)
      const isOther = now.every(({ uid }) => before.every((one) => one.uid !== uid))
      return isOther && now.length === before.length && now.every(({ isReady }) => isReady) ? true : undefined
    },
    { timeoutMs: 300_000, everyMs: 500 },
  )
}

/** Does something that replaces every pod of API and consumer, and waits until it has. */
export async function replacing(installation: Pick<Installation, 'pods'>, act: () => Promise<unknown>): Promise<void> {
  const { pods } = installation
  const [api, consumer] = [await pods.list('api'), await pods.list('consumer')]
  await act()
  await untilReplaced(installation, 'api', api)
  await untilReplaced(installation, 'consumer', consumer)
}
