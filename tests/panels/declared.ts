import { setTimeout as wait } from 'node:timers/promises'
import { instancesOf } from '../kubernetes/support/instances.ts'
import { type OperatedSystem, SENDER } from '../kubernetes/support/operated-system.ts'

const EVERY_MS = 12_000

/** Somebody who changes what he has declared in the cluster again and again, and declares what cannot be. */
export async function declare(operated: OperatedSystem, signal: AbortSignal): Promise<void> {
  const instances = instancesOf(operated)
  await instances.want('shop', {})
  await instances.want('unpaired', {})
  await instances.want('keyless', { apiKeySecretRef: { name: 'not-there' } })
  // One that somebody has made at the API for himself.
  await instances.want('sales', {})
  for (let n = 0; !signal.aborted; n += 1) {
    const change = async () => {
      await operated.system.gateway.setState('unpaired', 'close')
      await instances.want('shop', { pace: { perMinute: 20 + (n % 2), burst: 3 } })
      const patch = JSON.stringify({ spec: { monitoring: { dashboards: { enabled: n % 2 === 0 } } } })
      await instances.kubectl(['patch', 'whatsappsender', SENDER, '--type=merge', `--patch=${patch}`])
    }
    // The API server is away for a while.
    await change().catch(() => undefined)
    await wait(EVERY_MS, undefined, { signal }).catch(() => undefined)
  }
}
