import {
  allOrNone,
  ConfigError,
  deepFreeze,
  envInteger,
  envUrl,
  parseEnv,
  runtimeConfigOf,
  runtimeEnv,
} from '@whatsapp-sender/service-runtime'
import { z } from 'zod'

const schema = z.object({
  ...runtimeEnv,
  /** Where the API is. */
  API_URL: envUrl,
  /** Who sends: a key that may `messages:send` and `messages:read`, or an account. */
  API_KEY: z.string().optional(),
  ...allOrNone({ API_EMAIL: z.email(), API_PASSWORD: z.string() }),
  CANARY_INSTANCE: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be 1 to 64 letters, digits, "_" or "-"'),
  /** A number of one's own: nobody else asked for these messages. */
  CANARY_RECIPIENT: z.string().regex(/^\+\d{7,15}$/, 'must be a number with its country, such as +5511999991000'),
  CANARY_TEXT: z.string().max(1000, 'must have at most 1000 characters').default('Canary'),
  CANARY_INTERVAL_SECONDS: envInteger({ min: 1, max: 86_400 }).default(10),
  /** After so long a message is late, and is not sent any more. */
  CANARY_PATIENCE_SECONDS: envInteger({ min: 1, max: 3600 }).default(60),
  /** How far a message has to come. `read` asks for somebody who reads. */
  CANARY_UNTIL: z.enum(['sent', 'delivered', 'read'], 'must be sent, delivered or read').default('delivered'),
})

export type CanaryConfig = ReturnType<typeof loadConfig>

export type Caller = Readonly<{ apiKey: string } | { email: string; password: string }>

/** @throws ConfigError that names every variable at fault */
export function loadConfig(env: NodeJS.ProcessEnv) {
  const values = parseEnv(schema, env)
  return deepFreeze({
    runtime: runtimeConfigOf(values),
    apiUrl: values.API_URL,
    caller: callerOf(values),
    message: {
      instance: values.CANARY_INSTANCE,
      to: values.CANARY_RECIPIENT,
      text: values.CANARY_TEXT,
      until: values.CANARY_UNTIL,
      patienceMs: values.CANARY_PATIENCE_SECONDS * 1000,
    },
    intervalMs: values.CANARY_INTERVAL_SECONDS * 1000,
  })
}

function callerOf({ API_KEY: apiKey, API_EMAIL: email, API_PASSWORD: password }: z.infer<typeof schema>): Caller {
  if (apiKey !== undefined && email !== undefined) {
    throw new ConfigError([{ variable: 'API_KEY', message: 'must not be set together with API_EMAIL' }])
  }
  if (apiKey !== undefined) return { apiKey }
  if (email !== undefined && password !== undefined) return { email, password }
  throw new ConfigError([{ variable: 'API_KEY', message: 'is required (or API_EMAIL with API_PASSWORD)' }])
}
