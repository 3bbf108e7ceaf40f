import { setTimeout as sleep } from 'node:timers/promises'
import { type Client, createAccountClient, createClient } from '@whatsapp-sender/client'
import {
  createLifecycle,
  createLoop,
  createProbeServer,
  createRegistry,
  type Logger,
} from '@whatsapp-sender/service-runtime'
import type { CanaryConfig } from './config.ts'
import { createCanaryEvents } from './events.ts'
import { createApiMessages } from './messages/api-messages.ts'
import { followMessage } from './messages/follow-message.ts'
import { pauseAfter } from './messages/pause-after.ts'

const REQUEST_TIMEOUT_MS = 15_000
const STOP_TIMEOUT_MS = 10_000

/** Builds the whole canary once; nothing runs before `start`. */
export function createService(config: CanaryConfig, { logger }: Readonly<{ logger: Logger }>) {
  const stopping = new AbortController()
  const registry = createRegistry({ service: 'canary' })
  const events = createCanaryEvents(logger, registry)
  const messages = createApiMessages({ api: clientOf(config, stopping.signal), message: config.message })

  // One after the other: however slow it gets, one message is open.
  const loop = createLoop({
    step: async () => {
      const startedAt = performance.now()
      const outcome = await followMessage({
        messages,
        until: config.message.until,
        patienceMs: config.message.patienceMs,
        onReached: events.reached,
        now: () => performance.now(),
        wait: (ms) => sleep(ms, undefined, { signal: stopping.signal }),
      })
      // What was broken off by a stop says nothing.
      if (!stopping.signal.aborted) events.ended(outcome)
      return pauseAfter(outcome, { elapsedMs: performance.now() - startedAt, intervalMs: config.intervalMs })
    },
    onError: (error) => {
      if (!stopping.signal.aborted) events.failed(error)
    },
    afterFailureMs: config.intervalMs,
  })
  const probes = createProbeServer({
    host: config.runtime.host,
    port: config.runtime.metricsPort,
    registry,
    isStarted: () => lifecycle.isStarted(),
    isStopping: () => lifecycle.isStopping(),
    // That nothing arrives is what it is there to tell, and no fault of its own.
    readiness: () => ({ ready: true, checks: { canaries: events.failuresInARow() === 0 ? 'ok' : 'do not arrive' } }),
  })
  const lifecycle = createLifecycle({
    logger,
    stopTimeoutMs: STOP_TIMEOUT_MS,
    parts: [
      probes,
      {
        name: 'canary',
        start: async () => loop.start(),
        stop: async () => {
          stopping.abort()
          await loop.stop()
        },
      },
    ],
  })
  return lifecycle
}

/** Every call is bounded, and ends when the service does. */
function clientOf({ apiUrl: baseUrl, caller }: CanaryConfig, stopping: AbortSignal): Client {
  const bounded = (request: Request) =>
    fetch(request, { signal: AbortSignal.any([stopping, AbortSignal.timeout(REQUEST_TIMEOUT_MS)]) })
  return 'apiKey' in caller
    ? createClient({ baseUrl, apiKey: caller.apiKey, fetch: bounded })
    : createAccountClient({ baseUrl, ...caller, fetch: bounded })
}
