import { childName, PORTS, type Rendering } from '../rendering.ts'
import { canarySecrets } from '../secret-files.ts'
import { addWorkload, SERVICE_PROBES } from '../workload.ts'

/** One message after the other to a number of one's own, measured. It is in the image of the API, which it calls. */
export function addCanary(r: Rendering): void {
  const { canary, api, suspend } = r.spec
  if (canary === undefined) return
  addWorkload(r, {
    component: 'canary',
    image: api.image,
    args: ['services/canary/src/main.ts'],
    // While no consumer is to run, no message can arrive.
    replicas: suspend ? 0 : 1,
    // Two at once would be two messages at once.
    strategy: { type: 'Recreate' },
    graceSeconds: 20,
    env: {
      HOST: '0.0.0.0',
      METRICS_PORT: String(PORTS.metrics),
      API_URL: `http://${childName(r.name, 'api')}`,
      CANARY_INSTANCE: canary.instance,
      CANARY_RECIPIENT: canary.recipient,
      CANARY_TEXT: canary.text,
      CANARY_INTERVAL_SECONDS: String(canary.intervalSeconds),
      CANARY_PATIENCE_SECONDS: String(canary.patienceSeconds),
      CANARY_UNTIL: canary.until,
    },
    secrets: canarySecrets(canary),
    resources: canary.resources,
    ports: { metrics: PORTS.metrics },
    probes: SERVICE_PROBES,
  })
}
