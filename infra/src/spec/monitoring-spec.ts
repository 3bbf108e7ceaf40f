import { z } from 'zod'
import { Labels } from './values.ts'

export const MonitoringSpec = z.strictObject({
  monitors: z.boolean().default(false).describe('A PodMonitor, for the Prometheus operator.'),
  labels: Labels.default({}).describe('On monitors; kube-prometheus-stack wants `release`.'),
  interval: z
    .string()
    .regex(/^[1-9]\d*(s|m)$/, 'must be a time, such as "15s"')
    .max(8)
    .default('15s')
    .describe('How often metrics are read.'),
})
export type MonitoringSpec = z.infer<typeof MonitoringSpec>
