import { z } from 'zod'
import { App, Chart } from './cdk8s.ts'
import type { KubernetesObject } from './kubernetes-object.ts'
import type { WhatsAppSender } from './parse-sender.ts'
import { addApi } from './parts/api.ts'
import { addAutoscaling } from './parts/autoscaling.ts'
import { addCanary } from './parts/canary.ts'
import { addConsumer } from './parts/consumer.ts'
import { addManagedEvolution } from './parts/evolution.ts'
import { addKafka } from './parts/kafka.ts'
import { addMongodb } from './parts/mongodb.ts'
import { addDashboards, addMonitors, addRules } from './parts/monitoring.ts'
import { addNetworkPolicies } from './parts/network-policies.ts'
import { addSandbox } from './parts/sandbox.ts'
import { addSettings } from './parts/settings.ts'
import { addTopicsJob } from './parts/topics-job.ts'
import type { Rendering } from './rendering.ts'
import type { SecretDigest } from './secret-digest.ts'

/** What pods are replaced for, beside a change of the custom resource. */
export type RenderContext = Readonly<{
  /** Left out: nothing is known of what Secrets hold. */
  digestOf?: SecretDigest
}>

/**
 * Every object of one WhatsAppSender, in its namespace; no Secret is among them. Pure: the same input gives the same
 * objects, and nothing but the input is looked at.
 */
export function render(sender: WhatsAppSender, context: RenderContext = {}): readonly KubernetesObject[] {
  const chart = new Chart(new App(), 'sender', { disableResourceNameHashes: true })
  const rendering: Rendering = { chart, ...sender, digestOf: context.digestOf ?? (() => undefined) }
  for (const add of PARTS) add(rendering)
  return Objects.parse(chart.toJson())
}

const PARTS = [
  addSettings,
  addKafka,
  addMongodb,
  addTopicsJob,
  addManagedEvolution,
  addSandbox,
  addApi,
  addConsumer,
  addCanary,
  addAutoscaling,
  addNetworkPolicies,
  addMonitors,
  addRules,
  addDashboards,
]

const Objects: z.ZodType<readonly KubernetesObject[]> = z.array(
  z.looseObject({
    apiVersion: z.string(),
    kind: z.string(),
    metadata: z.looseObject({ name: z.string(), namespace: z.string() }),
  }),
)
