import { urlOf } from './http-probe.ts'
import type { Launcher } from './launcher.ts'
import { locations } from './locations.ts'
import { moveWebhooks } from './move-webhooks.ts'
import type { ReadySystem } from './ready-file.ts'
import { apiEnvironment, consumerEnvironment, type SystemPlan } from './service-environments.ts'
import { startServers } from './start-servers.ts'
import { startService } from './start-service.ts'
import type { Terminal } from './terminal.ts'

const API_STOP_TIMEOUT_MS = 30_000
/** Above the consumer's own DRAIN_TIMEOUT_MS: a message that is being sent is not cut off. */
const CONSUMER_STOP_TIMEOUT_MS = 90_000

/** Starts all parts in order, each when the one before it is ready. */
export async function startSystem(plan: SystemPlan, launcher: Launcher, terminal: Terminal): Promise<ReadySystem> {
  const addresses = await startServers(plan, launcher, terminal)
  const api = urlOf(plan.host, plan.ports.api)
  const apiMetrics = urlOf(plan.host, plan.ports.apiMetrics)
  const consumerMetrics = urlOf(plan.host, plan.ports.consumerMetrics)

  const apiEnv = apiEnvironment(plan, addresses)

  await launcher.launch('API', {
    start: ({ signal }) =>
      startService({
        name: 'api',
        main: locations.apiMain,
        env: apiEnv,
        readyUrl: `${apiMetrics}/readyz`,
        stopTimeoutMs: API_STOP_TIMEOUT_MS,
        signal,
      }),
    resultOf: () => api,
  })
  if (plan.given.evolution === undefined) {
    const evolution = { url: addresses.evolution, apiKey: plan.env['AUTHENTICATION_API_KEY'] ?? '' }
    await moveWebhooks(evolution, apiEnv['EVOLUTION_WEBHOOK_URL'] ?? '')
  }
  await launcher.launch('Consumer', {
    start: ({ signal }) =>
      startService({
        name: 'consumer',
        main: locations.consumerMain,
        env: consumerEnvironment(plan, addresses),
        readyUrl: `${consumerMetrics}/readyz`,
        stopTimeoutMs: CONSUMER_STOP_TIMEOUT_MS,
        signal,
      }),
    resultOf: () => consumerMetrics,
  })
  return { api, apiMetrics, consumerMetrics, ...addresses, admin: adminOf(plan.env) }
}

function adminOf(env: NodeJS.ProcessEnv): ReadySystem['admin'] {
  return { email: env['ADMIN_EMAIL'] ?? '', password: env['ADMIN_PASSWORD'] ?? '' }
}
