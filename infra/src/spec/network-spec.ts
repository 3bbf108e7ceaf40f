import { z } from 'zod'
import { Cidr, Labels } from './values.ts'

const Cidrs = z.array(Cidr).max(64)

export const NetworkPolicySpec = z.strictObject({
  enabled: z.boolean().default(true).describe('Nothing is let in or out but what is named here or needed.'),
  evolutionCidrs: Cidrs.default([]).describe('Networks of an external Evolution API; empty: any address, on its port.'),
  kafkaCidrs: Cidrs.default([]).describe('Networks of an external Kafka; empty: any address, on its ports.'),
  mongodbCidrs: Cidrs.default([]).describe('Networks of an external MongoDB; empty: any address, on port 27017.'),
  privateCidrs: Cidrs.default([
    '10.0.0.0/8',
    '172.16.0.0/12',
    '192.168.0.0/16',
    '169.254.0.0/16',
    '100.64.0.0/10',
    'fc00::/7',
    'fe80::/10',
  ]).describe('Networks that webhooks and media of users never lead to.'),
  collectorNamespaceLabels: Labels.default({}).describe(
    'Labels of the namespace that the collector of traces runs in; empty: any namespace and any address, on its port.',
  ),
  prometheusNamespaceLabels: Labels.default({}).describe(
    'Labels of the namespace that Prometheus runs in; empty: any namespace may read metrics.',
  ),
})
export type NetworkPolicySpec = z.infer<typeof NetworkPolicySpec>
