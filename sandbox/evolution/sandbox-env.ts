import { envBoolean, envInteger, envList, envPort } from '@whatsapp-sender/service-runtime'
import { z } from 'zod'
import type { SandboxOptions } from './sandbox.ts'

export const sandboxEnv = z.object({
  HOST: z.string().default('127.0.0.1'),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  SANDBOX_PORT: envPort.default(8080),
  AUTHENTICATION_API_KEY: z.string(),
  SANDBOX_AUTO_OPEN: envBoolean.default(false),
  SANDBOX_LATENCY_MS: envInteger({ min: 0, max: 600_000 }).default(0),
  SANDBOX_LATENCY_JITTER_MS: envInteger({ min: 0, max: 600_000 }).default(0),
  SANDBOX_STATE_DIR: z.string().optional(),
  SANDBOX_TIME_SCALE: z
    .string()
    .refine((text) => /^\d{1,3}(\.\d{1,6})?$/.test(text), 'must be a number from 0 to 999, such as "0.01"')
    .transform(Number)
    .default(1),
  SANDBOX_DELIVERED_AFTER_MS: envInteger({ min: 0, max: 86_400_000 }).default(300),
  SANDBOX_READ_AFTER_MS: envInteger({ min: 0, max: 86_400_000 }).default(900),
  SANDBOX_ALLOWED_HOSTS: envList.default([]),
})

export function sandboxOptionsOf(env: z.infer<typeof sandboxEnv>): SandboxOptions {
  return {
    host: env.HOST,
    port: env.SANDBOX_PORT,
    apiKey: env.AUTHENTICATION_API_KEY,
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
