import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { repositoryRoot } from '@whatsapp-sender/sandbox/embedded/repository'
import { parse } from 'yaml'
import { z } from 'zod'

const Condition = z.enum(['service_healthy', 'service_completed_successfully'])
const Limits = z.strictObject({ cpus: z.string().optional(), memory: z.string() })
const Healthcheck = z.strictObject({
  test: z.array(z.string()).optional(),
  interval: z.string(),
  timeout: z.string(),
  retries: z.number(),
  start_period: z.string(),
  start_interval: z.string(),
})

/** What our file uses of the Compose Specification and nothing else: a key that is misspelt is a fault. */
const Service = z.strictObject({
  profiles: z.array(z.string()).default([]),
  build: z.strictObject({ context: z.literal('.'), target: z.string() }).optional(),
  image: z.string(),
  entrypoint: z.array(z.string()).optional(),
  command: z.array(z.string()).optional(),
  init: z.boolean().optional(),
  depends_on: z.record(z.string(), z.strictObject({ condition: Condition })).default({}),
  ports: z.array(z.string()).default([]),
  networks: z.strictObject({ default: z.strictObject({ aliases: z.array(z.string()) }) }).optional(),
  environment: z.record(z.string(), z.union([z.string(), z.number(), z.null()])).default({}),
  volumes: z.array(z.string()).default([]),
  configs: z.array(z.strictObject({ source: z.string(), target: z.string() })).default([]),
  healthcheck: Healthcheck.optional(),
  restart: z.string(),
  stop_grace_period: z.string().optional(),
  read_only: z.boolean().optional(),
  tmpfs: z.array(z.string()).default([]),
  cap_drop: z.array(z.string()).default([]),
  security_opt: z.array(z.string()),
  logging: z.strictObject({ driver: z.string(), options: z.record(z.string(), z.string()) }),
  deploy: z.strictObject({ resources: z.strictObject({ limits: Limits }) }),
})

const ComposeFile = z.strictObject({
  name: z.string(),
  services: z.record(z.string(), Service),
  configs: z.record(z.string(), z.strictObject({ content: z.string() })),
  volumes: z.record(z.string(), z.null()),
})

export type ComposeService = z.infer<typeof Service>

/** compose.yaml with its anchors followed and its variables as they stand. */
export async function readComposeFile(): Promise<z.infer<typeof ComposeFile>> {
  const text = await readFile(join(repositoryRoot, 'compose.yaml'), 'utf8')
  const whole: unknown = parse(text, { merge: true })
  const entries = Object.entries(z.record(z.string(), z.unknown()).parse(whole))
  return ComposeFile.parse(Object.fromEntries(entries.filter(([key]) => !key.startsWith('x-'))))
}

/** What a container of the service gets, as Compose would make it of `env`. */
export function environmentOf(service: ComposeService, env: Readonly<Record<string, string>>): Record<string, string> {
  const resolved: Record<string, string> = {}
  for (const [name, value] of Object.entries(service.environment)) {
    const text = value === null ? env[name] : interpolate(String(value), env)
    if (text !== undefined) resolved[name] = text
  }
  return resolved
}

/** Names of the variables that a text of the file refers to. */
export function variablesIn(text: string): string[] {
  return [...text.matchAll(REFERENCE)].map(([, name]) => name ?? '')
}

const REFERENCE = /(?<!\$)\$\{([A-Za-z_]+)(?::([-?])([^}]*))?\}/g

function interpolate(text: string, env: Readonly<Record<string, string>>): string {
  return text.replaceAll(REFERENCE, (_, name: string, operator: string | undefined, rest: string | undefined) => {
    const value = env[name]
    if (value) return value
    if (operator === '?') throw new Error(`${name}: ${rest}`)
    return operator === '-' ? (rest ?? '') : ''
  })
}
