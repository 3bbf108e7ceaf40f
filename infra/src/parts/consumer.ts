import { k8s } from '../cdk8s.ts'
import { PORTS, type Rendering } from '../rendering.ts'
import { consumerSecrets } from '../secret-files.ts'
import { addDisruptionBudget, addWorkload, SERVICE_PROBES } from '../workload.ts'
import { serviceEnvironment, settingsOf } from './service-environment.ts'

/** After the open requests: writing what became of them, leaving the group, closing. */
const AFTER_DRAIN_SECONDS = 20

/** What sends. It has no traffic: its readiness only paces a rollout. */
export function addConsumer(r: Rendering): void {
  const { consumer } = r.spec
  addWorkload(r, {
    component: 'consumer',
    image: consumer.image,
    replicas: replicasOf(r),
    // Each member that joins or leaves is a rebalance.
    strategy: {
      type: 'RollingUpdate',
      rollingUpdate: { maxUnavailable: k8s.IntOrString.fromNumber(1), maxSurge: k8s.IntOrString.fromNumber(1) },
    },
    graceSeconds: Math.ceil(consumer.drainTimeoutMs / 1000) + AFTER_DRAIN_SECONDS,
    env: {
      ...serviceEnvironment(r, 'consumer'),
      MAX_IN_FLIGHT: String(consumer.maxInFlight),
      DRAIN_TIMEOUT_MS: String(consumer.drainTimeoutMs),
    },
    envFrom: settingsOf(r),
    secrets: consumerSecrets(r),
    resources: consumer.resources,
    ports: { metrics: PORTS.metrics },
    probes: SERVICE_PROBES,
  })
  addDisruptionBudget(r, 'consumer')
}

/** Undefined: an autoscaler decides, and two that decide would fight. */
function replicasOf({ spec: { suspend, consumer } }: Rendering): number | undefined {
  if (suspend) return 0
  return consumer.autoscaling.type === 'none' ? consumer.replicas : undefined
}
