import { z } from 'zod'
import { atLeastOne, ConfigError } from './config.ts'
import { envUrl } from './env-values.ts'

/** `EVOLUTION_API_URL` wins over `EVOLUTION_URL`. */
export const evolutionEnv = {
  ...atLeastOne({ EVOLUTION_API_URL: envUrl, EVOLUTION_URL: envUrl }),
  /** Evolution's global key: it manages instances and never sends. */
  AUTHENTICATION_API_KEY: z.string(),
}

type EvolutionEnv = z.infer<z.ZodObject<typeof evolutionEnv>>

/** `baseUrl` has no slash at its end. */
export type EvolutionConfig = Readonly<{ baseUrl: string; globalKey: string }>

export function evolutionConfigOf(env: EvolutionEnv): EvolutionConfig {
  const baseUrl = env.EVOLUTION_API_URL ?? env.EVOLUTION_URL
  if (baseUrl === undefined) throw new ConfigError([{ variable: 'EVOLUTION_API_URL', message: 'is required' }])
  return { baseUrl, globalKey: env.AUTHENTICATION_API_KEY }
}
