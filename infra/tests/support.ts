import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv, type ValidateFunction } from 'ajv'
import { parseAllDocuments } from 'yaml'
import { z } from 'zod'
import type { KubernetesObject } from '../src/kubernetes-object.ts'
import { parseSenderSpec } from '../src/parse-sender.ts'
import type { SenderSpecInput } from '../src/presets.ts'
import { render } from '../src/render.ts'

export const NAME = 'wa'
export const NAMESPACE = 'whatsapp'

export function rendered(spec: SenderSpecInput): readonly KubernetesObject[] {
  return render({ name: NAME, namespace: NAMESPACE, spec: parseSenderSpec(spec) })
}

export function only(objects: readonly KubernetesObject[], kind: string): readonly KubernetesObject[] {
  return objects.filter((each) => each.kind === kind)
}

const Volume = z.looseObject({
  name: z.string(),
  projected: z
    .object({
      sources: z.array(
        z.object({ secret: z.object({ name: z.string(), items: z.array(z.looseObject({})).optional() }) }),
      ),
    })
    .optional(),
})

const Container = z.looseObject({
  name: z.string(),
  image: z.string(),
  ports: z.array(z.object({ name: z.string(), containerPort: z.number() })).default([]),
  env: z
    .array(z.looseObject({ name: z.string(), value: z.string().optional(), valueFrom: z.unknown().optional() }))
    .default([]),
  envFrom: z.array(z.object({ configMapRef: z.object({ name: z.string() }) })).default([]),
  securityContext: z.looseObject({}).optional(),
  resources: z.looseObject({
    requests: z.record(z.string(), z.string()),
    limits: z.record(z.string(), z.string()),
  }),
  volumeMounts: z.array(z.looseObject({ name: z.string(), mountPath: z.string() })).default([]),
  livenessProbe: z.looseObject({}).optional(),
  readinessProbe: z.looseObject({}).optional(),
  startupProbe: z.looseObject({}).optional(),
  lifecycle: z.unknown().optional(),
})

const PodTemplate = z.object({
  metadata: z.object({
    labels: z.record(z.string(), z.string()),
    annotations: z.record(z.string(), z.string()).default({}),
  }),
  spec: z.looseObject({
    containers: z.array(Container).min(1),
    serviceAccountName: z.string(),
    automountServiceAccountToken: z.boolean().optional(),
    enableServiceLinks: z.boolean().optional(),
    terminationGracePeriodSeconds: z.number(),
    securityContext: z.looseObject({}).optional(),
    volumes: z.array(Volume).default([]),
  }),
})

/** Every pod that would run. */
export function podTemplates(objects: readonly KubernetesObject[]) {
  return objects
    .filter(({ kind }) => kind === 'Deployment' || kind === 'StatefulSet' || kind === 'Job')
    .map((each) => {
      const { template } = z.object({ template: PodTemplate }).parse(each['spec'])
      return { workload: `${each.kind}/${each.metadata.name}`, ...template }
    })
}

type Node = {
  properties?: Record<string, Node> | undefined
  items?: Node | undefined
  additionalProperties?: Node | boolean | undefined
  [key: string]: unknown
}

const Node: z.ZodType<Node> = z.lazy(() =>
  z.looseObject({
    properties: z.record(z.string(), Node).optional(),
    items: Node.optional(),
    additionalProperties: z.union([z.boolean(), Node]).optional(),
  }),
)

const Crd = z.object({
  spec: z.object({
    group: z.string(),
    names: z.object({ kind: z.string() }),
    versions: z.array(z.object({ name: z.string(), served: z.boolean(), schema: z.object({ openAPIV3Schema: Node }) })),
  }),
})

/** How the operators of others check their resources, by `apiVersion/kind`. Unknown fields are faults. */
export function foreignSchemas(): ReadonlyMap<string, ValidateFunction> {
  const directory = join(import.meta.dirname, 'crds')
  const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true })
  const documents = readdirSync(directory).flatMap((file) =>
    parseAllDocuments(readFileSync(join(directory, file), 'utf8')),
  )
  return new Map(
    documents
      .flatMap((document): unknown => document.toJS() ?? [])
      .flatMap((definition) => {
        const { spec } = Crd.parse(definition)
        return spec.versions.map(({ name, schema }): [string, ValidateFunction] => [
          `${spec.group}/${name}/${spec.names.kind}`,
          ajv.compile(closed(schema.openAPIV3Schema)),
        ])
      }),
  )
}

/** The API server drops what a schema does not know without a word; here it is a fault. */
function closed(schema: Node): Node {
  const { properties, items, additionalProperties, pattern, ...rest } = schema
  const isOpen = schema['x-kubernetes-preserve-unknown-fields'] === true || additionalProperties !== undefined
  return {
    ...rest,
    // Go's flags inside an expression are no JavaScript.
    ...(typeof pattern === 'string' && !pattern.includes('(?i)') && { pattern }),
    ...(items && { items: closed(items) }),
    ...(additionalProperties !== undefined && {
      additionalProperties:
        typeof additionalProperties === 'object' ? closed(additionalProperties) : additionalProperties,
    }),
    ...(properties && {
      properties: Object.fromEntries(Object.entries(properties).map(([name, inner]) => [name, closed(inner)])),
      ...(!isOpen && { additionalProperties: false }),
    }),
  }
}
