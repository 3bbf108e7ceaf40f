import type { Instance } from '@whatsapp-sender/store'
import { connectKafka } from '../kafka/topic-client.ts'
import { gatewayAt } from '../system/gateway.ts'
import type { Installation } from '../system/installation.ts'
import { startGateway } from '../system/programs.ts'
import { registerFleet } from './fleet.ts'
import type { DrainParts } from './measure-drain.ts'

/** Runs something against a gateway of its own, which knows the fleet and takes so long for each send, ± a fifth. */
export async function withGateway<T>(
  installation: Installation,
  { fleet, latencyMs }: Readonly<{ fleet: readonly Instance[]; latencyMs: number }>,
  run: (parts: Omit<DrainParts, 'inFlightMax'>) => Promise<T>,
): Promise<T> {
  const gateway = await startGateway(installation, {
    SANDBOX_LATENCY_MS: String(latencyMs),
    SANDBOX_LATENCY_JITTER_MS: String(latencyMs / 5),
  })
  try {
    await registerFleet(installation, fleet)
    return await run({
      installation,
      kafka: connectKafka(installation.brokers),
      gateway: gatewayAt(installation.gatewayUrl),
      gatewayPid: gateway.pid,
    })
  } finally {
    await gateway.stop()
  }
}
