import { CountryCode, type Pace, type RetryPolicy } from '@whatsapp-sender/contract'
import {
  allOrNone,
  ConfigError,
  deepFreeze,
  envBoolean,
  envDecimal,
  envInteger,
  envList,
  envPort,
  envSecret,
  envSecrets,
  envUrl,
  evolutionConfigOf,
  evolutionEnv,
  mongoConfigOf,
  mongoEnv,
  outgoingEnv,
  parseEnv,
  runtimeConfigOf,
  runtimeEnv,
  type Secrets,
  tracingConfigOf,
  tracingEnv,
} from '@whatsapp-sender/service-runtime'
import { kafkaConfigOf, kafkaEnv } from '@whatsapp-sender/service-runtime/kafka'
import { z } from 'zod'
import { API_KEY_PREFIX } from './api-keys/api-key-secrets.ts'

const smtpUrl = z
  .string()
  .refine((text) => /^smtps?:$/.test(URL.parse(text)?.protocol ?? ''), 'must be an smtp or smtps URL')

const Env = z.object({
  ...runtimeEnv,
  ...kafkaEnv,
  ...mongoEnv,
  ...evolutionEnv,
  ...outgoingEnv,
  ...tracingEnv,
  PORT: envPort.default(8000),
  JWT_SECRET: envSecrets(32),
  SECRET_KEY: envSecrets(32),
  ENCRYPTION_ALGORITHM: z.literal('HS256', 'must be "HS256"').default('HS256'),
  ACCESS_TOKEN_TTL_SECONDS: envInteger({ min: 30, max: 86_400 }).default(900),
  REFRESH_TOKEN_TTL_DAYS: envInteger({ min: 1, max: 365 }).default(30),
  OPERATOR_TOKEN: envSecret(32)
    .refine((token) => /^[\x21-\x7e]+$/.test(token), 'must be printable ASCII without spaces')
    .refine((token) => !token.startsWith(API_KEY_PREFIX), `must not begin with "${API_KEY_PREFIX}"`)
    .optional(),
  ACCEPT_LEGACY_TOKENS: envBoolean.default(false),
  ...allOrNone({ ADMIN_EMAIL: z.email('must be an e-mail address'), ADMIN_PASSWORD: z.string() }),
  ...allOrNone({ SMTP_URL: smtpUrl, MAIL_FROM: z.string().regex(/^[^\r\n]+@[^\r\n]+$/, 'must be an e-mail address') }),
  AUDIT_RETENTION_DAYS: envInteger({ min: 1, max: 3650 }).default(365),
  PASSWORD_RESET_TTL_MINUTES: envInteger({ min: 5, max: 10_080 }).default(60),
  PASSWORD_MIN_LENGTH: envInteger({ min: 8, max: 64 }).default(8),
  RATE_LIMIT_USER_PER_MINUTE: envInteger({ min: 0, max: 1_000_000 }).default(0),
  RATE_LIMIT_KEY_PER_MINUTE: envInteger({ min: 0, max: 1_000_000 }).default(0),
  MEDIA_TTL_HOURS: envInteger({ min: 1, max: 8760 }).default(168),
  /** In base64 Evolution takes no more. */
  MEDIA_MAX_MB: envInteger({ min: 1, max: 100 }).default(100),
  MEDIA_USER_MAX_MB: envInteger({ min: 1, max: 1_000_000 }).default(2048),
  DEFAULT_COUNTRY: CountryCode.prefault('BR'),
  /** Long enough for each client of a kept connection to ask once more, and for load balancers to look elsewhere. */
  STOP_DELAY_MS: envInteger({ min: 0, max: 60_000 }).default(200),
  TRUST_PROXY: envBoolean.default(false),
  CORS_ORIGINS: envList.default([]),
  ERROR_DOCS_URL: envUrl.optional(),
  EVOLUTION_WEBHOOK_URL: envUrl.optional(),
  EVENT_FEED: envBoolean.default(false),
  /** Rows have to outlive the topic's seven days, or reading it again would send again. */
  MESSAGE_RETENTION_DAYS: envInteger({ min: 9, max: 3650 }).default(30),
  /** Only shown here; the consumers go by it. */
  REDACT_AFTER_HOURS: envDecimal({ min: 0.0001, max: 87_600 }).optional(),
  PACE_DEFAULT_PER_MINUTE: envInteger({ min: 0, max: 6000 }).default(60),
  PACE_DEFAULT_BURST: envInteger({ min: 1, max: 100 }).default(5),
  ATTEMPTS_MAX: envInteger({ min: 1, max: 100 }).default(10),
  RETRY_BASE_MS: envInteger({ min: 1, max: 3_600_000 }).default(500),
  RETRY_CAP_MS: envInteger({ min: 1, max: 86_400_000 }).default(300_000),
})

/** Where the API itself shows the page of an error. */
const ERROR_PAGES_PATH = '/errors'

const MB = 1024 * 1024

export type Config = ReturnType<typeof loadConfig>

/** @throws {ConfigError} with every fault of the environment at once */
export function loadConfig(env: NodeJS.ProcessEnv) {
  const vars = parseEnv(Env, env)
  refuseSharedSecrets(vars)
  const runtime = runtimeConfigOf(vars)
  return deepFreeze({
    runtime,
    tracing: tracingConfigOf(vars, 'api'),
    http: {
      host: runtime.host,
      port: vars.PORT,
      stopDelayMs: vars.STOP_DELAY_MS,
      trustProxy: vars.TRUST_PROXY,
      corsOrigins: vars.CORS_ORIGINS,
    },
    // Without an address of its own, the API shows the pages itself.
    errors: { pagesUrl: `${vars.ERROR_DOCS_URL ?? ERROR_PAGES_PATH}/` },
    kafka: kafkaConfigOf(vars),
    mongo: {
      ...mongoConfigOf(vars),
      retentionDays: vars.MESSAGE_RETENTION_DAYS,
      auditRetentionDays: vars.AUDIT_RETENTION_DAYS,
      secretKey: vars.SECRET_KEY.newest,
      otherSecretKeys: vars.SECRET_KEY.others,
    },
    evolution: {
      ...evolutionConfigOf(vars),
      webhookUrl: vars.EVOLUTION_WEBHOOK_URL ?? `http://${runtime.host}:${vars.PORT}/v1/evolution/events`,
    },
    privateNetworks: vars.OUTGOING_PRIVATE_NETWORKS,
    redactAfterHours: vars.REDACT_AFTER_HOURS,
    secretKeys: vars.SECRET_KEY,
    auth: {
      jwtSecrets: vars.JWT_SECRET,
      accessTtlSeconds: vars.ACCESS_TOKEN_TTL_SECONDS,
      refreshTtlMs: vars.REFRESH_TOKEN_TTL_DAYS * 24 * 60 * 60 * 1000,
      acceptLegacyTokens: vars.ACCEPT_LEGACY_TOKENS,
      operatorToken: vars.OPERATOR_TOKEN,
      passwordResetTtlMs: vars.PASSWORD_RESET_TTL_MINUTES * 60_000,
      passwordLengthMin: vars.PASSWORD_MIN_LENGTH,
      admin: adminOf(vars),
    },
    mail: mailOf(vars),
    rateLimits: {
      userPerMinute: vars.RATE_LIMIT_USER_PER_MINUTE,
      keyPerMinute: vars.RATE_LIMIT_KEY_PER_MINUTE,
    },
    media: {
      ttlMs: vars.MEDIA_TTL_HOURS * 3_600_000,
      fileBytesMax: vars.MEDIA_MAX_MB * MB,
      userBytesMax: vars.MEDIA_USER_MAX_MB * MB,
    },
    messages: { eventFeedDefault: vars.EVENT_FEED, defaultCountry: vars.DEFAULT_COUNTRY },
    // Only shown here; the consumers go by them.
    instanceDefaults: { pace: defaultPaceOf(vars), retry: defaultRetryOf(vars) },
  })
}

type Vars = z.infer<typeof Env>

/** Whoever holds one of them must not hold another with it. */
function refuseSharedSecrets(vars: Vars): void {
  const { OPERATOR_TOKEN } = vars
  const [jwtSecrets, secretKeys] = [allOf(vars.JWT_SECRET), allOf(vars.SECRET_KEY)]
  if (jwtSecrets.some((secret) => secretKeys.includes(secret))) {
    throw new ConfigError([{ variable: 'JWT_SECRET', message: 'must differ from SECRET_KEY' }])
  }
  const others = {
    JWT_SECRET: jwtSecrets,
    SECRET_KEY: secretKeys,
    AUTHENTICATION_API_KEY: [vars.AUTHENTICATION_API_KEY],
    ADMIN_PASSWORD: [vars.ADMIN_PASSWORD],
  }
  const same = Object.entries(others).flatMap(([name, secrets]) =>
    OPERATOR_TOKEN !== undefined && secrets.includes(OPERATOR_TOKEN) ? name : [],
  )
  if (same.length === 0) return
  throw new ConfigError([{ variable: 'OPERATOR_TOKEN', message: `must differ from ${same.join(' and ')}` }])
}

function allOf({ newest, others = [] }: Secrets): readonly string[] {
  return [newest, ...others]
}

function adminOf({ ADMIN_EMAIL: email, ADMIN_PASSWORD: password }: Vars) {
  return email === undefined || password === undefined ? undefined : { email: email.toLowerCase(), password }
}

function mailOf({ SMTP_URL: url, MAIL_FROM: from }: Vars) {
  return url === undefined || from === undefined ? undefined : { url, from }
}

function defaultPaceOf({ PACE_DEFAULT_PER_MINUTE: perMinute, PACE_DEFAULT_BURST: burst }: Vars): Pace {
  return { perMinute, burst }
}

function defaultRetryOf({ ATTEMPTS_MAX, RETRY_BASE_MS, RETRY_CAP_MS }: Vars): RetryPolicy {
  return { attemptsMax: ATTEMPTS_MAX, baseMs: RETRY_BASE_MS, capMs: RETRY_CAP_MS }
}
