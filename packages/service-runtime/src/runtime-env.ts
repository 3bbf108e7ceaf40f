import { z } from 'zod'
import { envPort } from './env-values.ts'

/** What every service reads: spread it into the service's own schema. */
export const runtimeEnv = {
  HOST: z.string().default('127.0.0.1'),
  METRICS_PORT: envPort.default(9464),
  LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], 'must be a level of pino, such as "info"')
    .default('info'),
  LOG_DIR: z.string().optional(),
}

type RuntimeEnv = z.infer<z.ZodObject<typeof runtimeEnv>>

export type RuntimeConfig = Readonly<{
  host: string
  metricsPort: number
  logLevel: string
  logDir: string | undefined
}>

export function runtimeConfigOf(env: RuntimeEnv): RuntimeConfig {
  return { host: env.HOST, metricsPort: env.METRICS_PORT, logLevel: env.LOG_LEVEL, logDir: env.LOG_DIR }
}
