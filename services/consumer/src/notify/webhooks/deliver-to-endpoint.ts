import type {
  ClaimedEndpoint,
  WebhookAttempt,
  WebhookDeliveries,
  WebhookDelivery,
  WebhookEndpoints,
} from '@whatsapp-sender/store'
import type { Clock } from '../../dispatch/clock.ts'
import { isGivenUp, judgeAttempt, restMs } from './judge-attempt.ts'
import type { WebhookEvents } from './webhook-events.ts'

/** Also what one endpoint's deliveries take of memory: each body is at most an event's 16 KiB. */
const DELIVERIES_MAX = 50
export const IN_FLIGHT_MAX = 4
/** Longer than any attempt begun within a slice goes on after its end. */
export const LEASE_MS = 60_000
/** Then others have their turn. */
const SLICE_MS = 15_000

export type DeliverToEndpointParts = Readonly<{
  endpoints: Pick<WebhookEndpoints, 'release' | 'noteFailure' | 'noteSuccess' | 'rest' | 'disable'>
  deliveries: Pick<WebhookDeliveries, 'due' | 'nextDueAt' | 'recordAttempt'>
  attempt(delivery: WebhookDelivery, claimed: ClaimedEndpoint): Promise<WebhookAttempt>
  isStopping(): boolean
  by: string
  clock: Pick<Clock, 'storeNow' | 'monotonic'>
  random(): number
  said: Pick<WebhookEvents, 'attempted' | 'disabled'>
}>

/**
 * Posts what is due to one endpoint while the lease lasts, and gives it back. Deliveries start in their order, a few at a
 * time, and two of one message never at once; while the endpoint fails, one at a time.
 */
export async function deliverToEndpoint(o: DeliverToEndpointParts, claimed: ClaimedEndpoint): Promise<void> {
  const { id } = claimed.endpoint
  const now = () => new Date(o.clock.storeNow())
  const endsAt = o.clock.monotonic() + SLICE_MS
  const inFlight = new Map<string, Promise<void>>()
  const faults: unknown[] = []
  let isFailing = claimed.endpoint.failures > 0
  let isOver = false

  const noteFailure = async (): Promise<void> => {
    isFailing = true
    const { failures, failingSince } = await o.endpoints.noteFailure(id, now())
    const pauseMs = restMs(failures)
    if (failingSince !== undefined && isGivenUp(failingSince, now())) return await disable('failing')
    if (pauseMs === 0) return
    isOver = true
    await o.endpoints.rest(id, new Date(o.clock.storeNow() + pauseMs))
  }
  const disable = async (reason: 'gone' | 'failing'): Promise<void> => {
    isOver = true
    if (await o.endpoints.disable(id, reason, now())) o.said.disabled(id, reason)
  }
  const noteWell = async (): Promise<void> => {
    if (!isFailing) return
    isFailing = false
    await o.endpoints.noteSuccess(id)
  }
  const deliver = async (delivery: WebhookDelivery): Promise<void> => {
    const attempt = await o.attempt(delivery, claimed)
    // Cut by our own end: nobody's failure, and the next owner posts it again.
    if (o.isStopping() && attempt.status === undefined) return
    const verdict = judgeAttempt({ tries: delivery.tries, status: attempt.status }, now(), o.random)
    await o.deliveries.recordAttempt(delivery, attempt, verdict.end)
    o.said.attempted(verdict.end.state, attempt)
    if (verdict.endpoint === 'well') return await noteWell()
    if (verdict.endpoint === 'gone') return await disable('gone')
    await noteFailure()
  }
  const mayStart = (key: string): boolean => inFlight.size < (isFailing ? 1 : IN_FLIGHT_MAX) && !inFlight.has(key)
  const isEnding = (): boolean => isOver || faults.length > 0 || o.isStopping() || o.clock.monotonic() >= endsAt

  const page = await o.deliveries.due(id, now(), DELIVERIES_MAX)
  for (const delivery of page) {
    while (!mayStart(delivery.key)) await Promise.race(inFlight.values())
    if (isEnding()) break
    const attempt = deliver(delivery)
      .catch((error: unknown) => void faults.push(error))
      .finally(() => inFlight.delete(delivery.key))
    inFlight.set(delivery.key, attempt)
  }
  await Promise.all(inFlight.values())
  await o.endpoints.release({ id, by: o.by }, claimed.wake, await o.deliveries.nextDueAt(id))
  if (faults.length > 0) throw faults[0]
}
