import { z } from 'zod'
import { valuesSchema } from '../schema/structural-schema.ts'
import { WhatsAppInstanceSpec } from '../spec/instance-spec.ts'
import { WhatsAppSenderSpec } from '../spec/sender-spec.ts'

const Names = z.array(z.string().min(1).max(253)).max(8)
const Strings = z.record(z.string(), z.string())

const Instance = z.strictObject({
  name: z
    .string()
    .max(40)
    .regex(/^[a-z]([-a-z0-9]*[a-z0-9])?$/),
  annotations: Strings.optional(),
  spec: z.strictObject(WhatsAppInstanceSpec.shape).omit({ senderName: true }).optional(),
})

const Operator = z.strictObject({
  image: z.string().min(1),
  imagePullPolicy: z.enum(['IfNotPresent', 'Always', 'Never']),
  imagePullSecrets: Names,
  replicas: z.int().min(1).max(5),
  resyncSeconds: z.int().min(10).max(86_400),
  workers: z.int().min(1).max(100),
  logLevel: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']),
  resources: z.looseObject({}),
  podAnnotations: Strings,
  nodeSelector: Strings,
  tolerations: z.array(z.looseObject({})),
  priorityClassName: z.string(),
  networkPolicy: z.strictObject({
    enabled: z.boolean(),
    prometheusNamespaceLabels: Strings,
    apiServerPorts: z.array(z.int().min(1).max(65_535)).min(1),
  }),
  podMonitor: z.strictObject({ enabled: z.boolean(), labels: Strings, interval: z.string() }),
})

/** The values of the chart: what its templates read, and nothing else, so that a misspelt one is refused. */
const ChartValues = z.strictObject({
  /** Helm gives it to a chart that is part of another. */
  global: z.looseObject({}).optional(),
  senderName: z
    .string()
    .max(40)
    .regex(/^([a-z]([-a-z0-9]*[a-z0-9])?)?$/),
  sender: WhatsAppSenderSpec.optional(),
  instances: z.array(Instance),
  crds: z.strictObject({ manage: z.boolean() }),
  operator: Operator,
  test: z.strictObject({ image: z.string(), timeoutSeconds: z.int().min(10).max(3600) }),
})

/** `values.schema.json`: without the rules in CEL, which only the API server knows. */
export function chartValuesSchema(): object {
  return { $schema: 'http://json-schema.org/draft-07/schema#', title: 'Values', ...valuesSchema(ChartValues) }
}
