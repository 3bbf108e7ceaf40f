import { until } from '@whatsapp-sender/sandbox/process/until'
import { z } from 'zod'
import type { Node } from './node.ts'

export const METRICS_PORT = 9464

const PodList = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string(), uid: z.string(), deletionTimestamp: z.string().optional() }),
      status: z.object({
        podIP: z.string().optional(),
        conditions: z.array(z.object({ type: z.string(), status: z.string() })).default([]),
        containerStatuses: z.array(z.object({ restartCount: z.int() })).default([]),
      }),
    }),
  ),
})

export type Component = 'api' | 'consumer' | 'sandbox' | 'operator'

export type Pod = Readonly<{
  name: string
  uid: string
  ip: string
  isReady: boolean
  isGoing: boolean
  restarts: number
}>

/** The pods of one installation. */
export function podsOf({ kubectl }: Node, namespace: string) {
  const list = async (component: Component): Promise<readonly Pod[]> => {
    const selector = `app.kubernetes.io/part-of=whatsapp-sender,app.kubernetes.io/component=${component}`
    const answer = await kubectl(['get', 'pods', '--namespace', namespace, '--selector', selector, '--output', 'json'])
    return PodList.parse(JSON.parse(answer)).items.map(({ metadata, status }) => ({
      name: metadata.name,
      uid: metadata.uid,
      ip: status.podIP ?? '',
      isReady: status.conditions.some(({ type, status }) => type === 'Ready' && status === 'True'),
      isGoing: metadata.deletionTimestamp !== undefined,
      restarts: status.containerStatuses.reduce((sum, { restartCount }) => sum + restartCount, 0),
    }))
  }
  return {
    list,
    /** Until so many are ready, and no other is there. */
    untilReady: (component: Component, count: number, timeoutMs = 240_000) =>
      until(
        `${count} pods of ${component} are ready`,
        async () => {
          const pods = await list(component)
          return pods.length === count && pods.every(({ isReady, isGoing }) => isReady && !isGoing) ? pods : undefined
        },
        { timeoutMs, everyMs: 500 },
      ),
    /**
     * Asks for an eviction, as a drain does. A disruption budget that allows none is asked again.
     * @param timeoutMs for the budget to allow it
     */
    evict: (name: string, timeoutMs = 180_000) =>
      until(`${name} may be evicted`, () => evictOnce({ kubectl }, { name, namespace }), { timeoutMs, everyMs: 1000 }),
  }
}

export type Pods = ReturnType<typeof podsOf>

async function evictOnce(
  { kubectl }: Pick<Node, 'kubectl'>,
  { name, namespace }: Readonly<{ name: string; namespace: string }>,
): Promise<true | undefined> {
  const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace } }
  const path = `/api/v1/namespaces/${namespace}/pods/${name}/eviction`
  try {
    await kubectl(['create', '--raw', path, '--filename', '-'], { input: JSON.stringify(eviction) })
    return true
  } catch (error) {
    if (error instanceof Error && /disruption budget/i.test(error.message)) return undefined
    throw error
  }
}

/** What a pod answers on the port of its probes and metrics. */
export async function askPod({ ip }: Pod, path: string): Promise<Readonly<{ status: number; text: string }>> {
  const response = await fetch(`http://${ip}:${METRICS_PORT}${path}`, { signal: AbortSignal.timeout(10_000) })
  return { status: response.status, text: await response.text() }
}
