import { until } from '@whatsapp-sender/sandbox/process/until'
import type { Gateway } from '../../support/gateway.ts'

/**
 * Waits until each of these instances has sent something that was begun after `since`, and answers after how many ms the
 * last of them began. The gateway tells of requests when they have ended.
 */
export async function untilAllFlow(
  gateway: Gateway,
  {
    instances,
    since,
    timeoutMs = 60_000,
  }: Readonly<{ instances: readonly string[]; since: number; timeoutMs?: number }>,
): Promise<number> {
  const first = new Map<string, number>()
  let read = 0
  await until(
    'every instance sends again',
    async () => {
      for (const { sequence, instance, at } of await gateway.requests(read)) {
        read = sequence
        const begunAt = Date.parse(at)
        if (begunAt > since) first.set(instance, Math.min(begunAt, first.get(instance) ?? begunAt))
      }
      return instances.every((instance) => first.has(instance)) ? true : undefined
    },
    { timeoutMs, everyMs: 100 },
  )
  return Math.max(...instances.map((instance) => (first.get(instance) ?? since) - since))
}

/** When requests to the gateway began that had ended by now, of these instances or of all. */
export async function requestsBegun(
  gateway: Gateway,
  { from, to, instances }: Readonly<{ from: number; to: number; instances?: readonly string[] }>,
): Promise<number> {
  return (await gateway.requests()).filter(({ at, instance }) => {
    const begunAt = Date.parse(at)
    return begunAt >= from && begunAt < to && (instances === undefined || instances.includes(instance))
  }).length
}
