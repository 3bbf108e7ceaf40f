import { z } from 'zod'
import { DEFAULT_IMAGES } from './images.ts'
import { Image, Labels, resources } from './values.ts'
import { withRules } from './with-rules.ts'

const Autoscaling = withRules(
  z.strictObject({
    type: z
      .enum(['none', 'hpa', 'keda'])
      .default('none')
      .describe('Who decides how many consumers run. `hpa` needs a metrics adapter, `keda` needs KEDA.'),
    min: z.int().min(1).max(500).default(1).describe('Never fewer consumers.'),
    max: z.int().min(1).max(500).default(6).describe('Never more; more than partitions would be idle.'),
    lagThreshold: z
      .int()
      .min(1)
      .max(1_000_000)
      .default(5000)
      .describe('Accepted, not yet stored messages per consumer.'),
    dueThreshold: z
      .int()
      .min(1)
      .max(1_000_000)
      .default(512)
      .describe('Messages per consumer that may leave now and find no free slot.'),
    kafkaTrigger: z.enum(['kafka', 'apache-kafka']).default('kafka').describe('Which scaler of KEDA reads the lag.'),
    kedaNamespaceLabels: Labels.default({ 'kubernetes.io/metadata.name': 'keda' }).describe(
      'Labels of the namespace of KEDA, which has to reach Kafka and the API.',
    ),
  }),
  [{ rule: 'self.min <= self.max', message: 'max must not be below min', fieldPath: '.max' }],
)

export const ConsumerSpec = z.strictObject({
  image: Image.default(DEFAULT_IMAGES.consumer).describe('Image of the consumer.'),
  replicas: z.int().min(0).max(500).default(2).describe('How many consumers run while `autoscaling.type` is `none`.'),
  resources: resources({ cpu: '200m', memory: '256Mi', memoryLimit: '768Mi' }),
  autoscaling: Autoscaling.prefault({}).describe('By what waits to be stored and what waits to be sent.'),
  maxInFlight: z.int().min(1).max(10_000).default(256).describe('Requests open at once, per Evolution server and pod.'),
  drainTimeoutMs: z
    .int()
    .min(0)
    .max(600_000)
    .default(80_000)
    .describe('How long a stop waits for open requests; the pod is given 20 s more.'),
})
export type ConsumerSpec = z.infer<typeof ConsumerSpec>
