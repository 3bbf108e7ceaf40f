import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { DEFAULT_KEY } from './default-key.ts'
import type { SandboxOptions } from './sandbox.ts'

/** The variables; the command line writes its flags into them. */
export const sandboxEnv = z.object({
  HOST: z.string().default('127.0.0.1'),
  SANDBOX_PORT: wholeNumber(0, 65_535).default(8080),
  AUTHENTICATION_API_KEY: z.string().optional(),
  SANDBOX_AUTO_OPEN: yesOrNo().default(false),
  SANDBOX_LATENCY_MS: wholeNumber(0, 600_000).default(0),
  SANDBOX_LATENCY_JITTER_MS: wholeNumber(0, 600_000).default(0),
  SANDBOX_STATE_DIR: z.string().optional(),
  SANDBOX_TIME_SCALE: z
    .string()
    .refine((text) => /^\d{1,3}(\.\d{1,6})?$/.test(text), 'must be a number from 0 to 999, such as "0.01"')
    .transform(Number)
    .default(1),
  SANDBOX_DELIVERED_AFTER_MS: wholeNumber(0, 86_400_000).default(300),
  SANDBOX_READ_AFTER_MS: wholeNumber(0, 86_400_000).default(900),
  SANDBOX_ALLOWED_HOSTS: list().default([]),
})

export type SandboxSettings = Readonly<{ options: SandboxOptions; keyIsGiven: boolean }>

/** An empty variable counts as unset. The result is the list of faults, each beginning with its variable. */
export function readSettings(given: NodeJS.ProcessEnv): SandboxSettings | readonly string[] {
  const env = withKeyOfFile(given)
  if (typeof env === 'string') return [env]
  const set = Object.entries(env).filter(([, value]) => value !== '')
  const parsed = sandboxEnv.safeParse(Object.fromEntries(set))
  if (!parsed.success) return parsed.error.issues.map(({ path, message }) => `${String(path[0])} ${message}`)
  const { AUTHENTICATION_API_KEY: key, HOST: host } = parsed.data
  if (key === undefined && !isLoopback(host)) {
    return [`AUTHENTICATION_API_KEY is required where others can reach the sandbox (HOST is ${host})`]
  }
  return { options: optionsOf(parsed.data, key ?? DEFAULT_KEY), keyIsGiven: key !== undefined }
}

/** `AUTHENTICATION_API_KEY_FILE` is the path of a file with the key, whose last newline is no part of it. */
function withKeyOfFile(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv | string {
  const { AUTHENTICATION_API_KEY: key, AUTHENTICATION_API_KEY_FILE: file } = env
  if (!file) return env
  if (key) return 'AUTHENTICATION_API_KEY must not be set together with AUTHENTICATION_API_KEY_FILE'
  const content = contentOf(file)
  if (!content) return `AUTHENTICATION_API_KEY_FILE names ${file}, which is empty or cannot be read`
  return { ...env, AUTHENTICATION_API_KEY: content }
}

function contentOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '')
  } catch {
    return undefined
  }
}

function optionsOf(env: z.infer<typeof sandboxEnv>, apiKey: string): SandboxOptions {
  return {
    host: env.HOST,
    port: env.SANDBOX_PORT,
    apiKey,
    autoOpen: env.SANDBOX_AUTO_OPEN,
    latencyMs: env.SANDBOX_LATENCY_MS,
    latencyJitterMs: env.SANDBOX_LATENCY_JITTER_MS,
    stateDir: env.SANDBOX_STATE_DIR,
    timeScale: env.SANDBOX_TIME_SCALE,
    deliveredAfterMs: env.SANDBOX_DELIVERED_AFTER_MS,
    readAfterMs: env.SANDBOX_READ_AFTER_MS,
    allowedHosts: env.SANDBOX_ALLOWED_HOSTS,
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.')
}

function wholeNumber(min: number, max: number) {
  const isWithin = (text: string) => /^\d{1,15}$/.test(text) && Number(text) >= min && Number(text) <= max
  return z.string().refine(isWithin, `must be a whole number from ${min} to ${max}`).transform(Number)
}

function yesOrNo() {
  return z.enum(['true', 'false'], 'must be "true" or "false"').transform((text) => text === 'true')
}

function list() {
  return z
    .string()
    .transform((text) => text.split(',').map((item) => item.trim()))
    .refine((items) => items.every((item) => item !== ''), 'must be items parted by single commas')
}
