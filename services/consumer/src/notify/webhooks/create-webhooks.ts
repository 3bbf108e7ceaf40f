import { setTimeout as pause } from 'node:timers/promises'
import { createOutgoingHttp, createResolve, type OutgoingHttp } from '@whatsapp-sender/outgoing'
import { createLoop, type Logger, type Part } from '@whatsapp-sender/service-runtime'
import type { Store } from '@whatsapp-sender/store'
import type { Registry } from 'prom-client'
import type { Clock } from '../../dispatch/clock.ts'
import type { MessageTraces } from '../../message-traces.ts'
import { attemptDelivery } from './attempt-delivery.ts'
import { deliverToEndpoint, IN_FLIGHT_MAX } from './deliver-to-endpoint.ts'
import { createDeliverWebhooks, ENDPOINTS_AT_ONCE_MAX } from './deliver-webhooks.ts'
import { createFanOutEvents } from './fan-out-events.ts'
import { createWebhookEvents } from './webhook-events.ts'

/** Posts that are under way at the end have so long to be answered. */
const STOP_WAIT_MS = 2000

const RESOLVE_TIMEOUT_MS = 5000

/** What endpoints are posted to with. */
export function createWebhookHttp({ privateNetworks }: Readonly<{ privateNetworks: readonly string[] }>): OutgoingHttp {
  return createOutgoingHttp({
    privateNetworks,
    resolve: createResolve({ timeoutMs: RESOLVE_TIMEOUT_MS }),
    callsMax: ENDPOINTS_AT_ONCE_MAX * IN_FLIGHT_MAX,
  })
}

/**
 * Events go to the addresses that users gave. One process at a time reads the events and makes deliveries of them; all
 * processes post, each endpoint served by one of them at a time.
 */
export function createWebhooks({
  store,
  http,
  clock,
  isActive,
  by,
  traces,
  logger,
  registry,
  random = Math.random,
}: Readonly<{
  store: Pick<Store, 'events' | 'webhookEndpoints' | 'webhookDeliveries'>
  http: OutgoingHttp
  clock: Pick<Clock, 'monotonic' | 'storeNow'>
  /** Whether this process reads the events. */
  isActive(): boolean
  /** This process's name. */
  by: string
  traces?: MessageTraces | undefined
  logger: Logger
  registry: Registry
  random?: () => number
}>): Part & Readonly<{ expect(): void }> {
  const { events, webhookEndpoints: endpoints, webhookDeliveries: deliveries } = store
  const said = createWebhookEvents(logger, registry)
  let isStopping = false
  const fanOut = createFanOutEvents({
    events,
    endpoints,
    deliveries,
    isActive,
    clock,
    onFannedOut: (count) => {
      said.fannedOut(count)
      deliverLoop.poke()
    },
    onMissed: said.missed,
  })
  const delivering = createDeliverWebhooks({
    endpoints,
    deliver: (claimed) =>
      deliverToEndpoint(
        {
          endpoints,
          deliveries,
          attempt: (delivery, to) => attemptDelivery(delivery, to, { http, clock, traces }),
          isStopping: () => isStopping,
          by,
          clock,
          random,
          said,
        },
        claimed,
      ),
    by,
    clock,
    onSlotFree: () => deliverLoop.poke(),
    onError: said.failed,
  })
  const fanOutLoop = createLoop({ step: fanOut, onError: said.failed })
  const deliverLoop = createLoop({ step: delivering.step, onError: said.failed })
  return {
    name: 'webhooks',
    /** There are new events, as this process knows. */
    expect: fanOutLoop.poke,
    start: async () => {
      fanOutLoop.start()
      deliverLoop.start()
    },
    stop: async () => {
      isStopping = true
      await Promise.all([fanOutLoop.stop(), deliverLoop.stop()])
      const given = new AbortController()
      await Promise.race([delivering.idle(), pause(STOP_WAIT_MS, undefined, { signal: given.signal }).catch(() => {})])
      given.abort()
      await http.close()
      await delivering.idle()
    },
  }
}
