import type { z } from 'zod'
import type { WhatsAppSenderSpec } from './spec/sender-spec.ts'

/** What a user would write. */
export type SenderSpecInput = z.input<typeof WhatsAppSenderSpec>

const SMALL = { requests: { cpu: '100m', memory: '512Mi' }, limits: { memory: '1Gi' } }

/** For one machine: one pod of each, nothing is kept, and a sandbox stands in for Evolution API. */
const dev: SenderSpecInput = {
  api: { replicas: 1, adminEmail: 'admin@example.com' },
  consumer: { replicas: 1 },
  evolution: { mode: 'sandbox' },
  kafka: {
    partitions: 6,
    managed: {
      brokers: 1,
      controllers: 0,
      replicationFactor: 1,
      minInsyncReplicas: 1,
      ephemeral: true,
      resources: SMALL,
    },
  },
  mongodb: { managed: { members: 1, storage: { size: '2Gi' }, resources: SMALL } },
  settings: { LOG_LEVEL: 'debug' },
}

/** Nothing that fails alone stops it: three brokers, three members, two of each of ours, and consumers by need. */
const prod: SenderSpecInput = {
  api: { replicas: 2, ingress: { host: 'whatsapp.example.com', tlsSecretName: 'whatsapp-tls' } },
  consumer: { autoscaling: { type: 'keda', min: 2, max: 12 } },
  evolution: { mode: 'managed' },
  kafka: { managed: { rackTopologyKey: 'topology.kubernetes.io/zone', storage: { size: '50Gi' } } },
  mongodb: { managed: { storage: { size: '50Gi' } } },
  monitoring: { monitors: true, rules: true, dashboards: { enabled: true } },
}

export const PRESETS = { dev, prod } as const
export type PresetName = keyof typeof PRESETS
