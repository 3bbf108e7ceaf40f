import {
  ConfigError,
  deepFreeze,
  envBoolean,
  envInteger,
  parseEnv,
  runtimeConfigOf,
  runtimeEnv,
} from '@whatsapp-sender/service-runtime'
import { z } from 'zod'

const name = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'must be a name as Kubernetes takes them: a-z, 0-9 and "-"')

const apiUrl = z
  .string()
  .refine(
    (text) => /^https?:$/.test(URL.parse(filledIn(text, { name: 'a', namespace: 'b' }))?.protocol ?? ''),
    'must be an http or https address, such as "http://{sender}-api.{namespace}"',
  )

const schema = z.object({
  ...runtimeEnv,
  /** The one namespace whose resources are reconciled. */
  WATCH_NAMESPACE: name.optional(),
  /** Where the operator runs; its Lease is there. In a pod both are given by the downward API. */
  POD_NAMESPACE: name.optional(),
  POD_NAME: z.string().default('operator'),
  /** False only where nothing but one process can ever run. */
  LEADER_ELECTION: envBoolean.default(true),
  LEASE_NAME: name.default('whatsapp-operator'),
  /** Brings the two CustomResourceDefinitions to this version at start. */
  CRDS_MANAGE: envBoolean.default(false),
  /** Where the API of a WhatsAppSender is. */
  API_URL: apiUrl.default('http://{sender}-api.{namespace}'),
  /** How often everything is compared and brought in step again without a cause. */
  RESYNC_SECONDS: envInteger({ min: 10, max: 86_400 }).default(600),
  /** How many resources of a kind are reconciled at the same time. */
  WORKERS: envInteger({ min: 1, max: 100 }).default(4),
})

export type OperatorConfig = ReturnType<typeof loadConfig>

/** @throws ConfigError that names every variable at fault */
export function loadConfig(env: NodeJS.ProcessEnv) {
  const values = parseEnv(schema, env)
  const watchNamespace = values.WATCH_NAMESPACE ?? values.POD_NAMESPACE
  if (watchNamespace === undefined) {
    throw new ConfigError([{ variable: 'WATCH_NAMESPACE', message: 'is required (or POD_NAMESPACE)' }])
  }
  return deepFreeze({
    runtime: runtimeConfigOf(values),
    watchNamespace,
    podName: values.POD_NAME,
    lease: {
      isWanted: values.LEADER_ELECTION,
      name: values.LEASE_NAME,
      namespace: values.POD_NAMESPACE ?? watchNamespace,
    },
    apiUrlOf: (sender: Readonly<{ name: string; namespace: string }>) => filledIn(values.API_URL, sender),
    managesCrds: values.CRDS_MANAGE,
    resyncMs: values.RESYNC_SECONDS * 1000,
    workers: values.WORKERS,
  })
}

function filledIn(url: string, { name, namespace }: Readonly<{ name: string; namespace: string }>): string {
  return url.replaceAll('{sender}', name).replaceAll('{namespace}', namespace)
}
