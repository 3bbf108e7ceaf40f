import { z } from 'zod'
import { withRules } from './with-rules.ts'

/** Variables of the services that a custom resource may set: neither secret, nor decided by what else it says. */
export const SETTINGS = [
  'ACCEPT_LEGACY_RECORDS',
  'ACCEPT_LEGACY_TOKENS',
  'ACCESS_TOKEN_TTL_SECONDS',
  'AMBIGUOUS_SETTLE_MS',
  'ATTEMPTS_MAX',
  'AUDIT_RETENTION_DAYS',
  'CORS_ORIGINS',
  'DEFAULT_COUNTRY',
  'ENCRYPTION_ALGORITHM',
  'ERROR_DOCS_URL',
  'EVENT_FEED',
  'EVOLUTION_TIMEOUT_MS',
  'INSTANCE_IN_FLIGHT',
  'INSTANCE_METRICS_MAX',
  'KAFKA_SESSION_TIMEOUT_MS',
  'LOG_LEVEL',
  'MAIL_FROM',
  'MEDIA_MAX_MB',
  'MEDIA_TTL_HOURS',
  'MEDIA_USER_MAX_MB',
  'MESSAGE_RETENTION_DAYS',
  'OUTGOING_PRIVATE_NETWORKS',
  'PACE_DEFAULT_BURST',
  'PACE_DEFAULT_PER_MINUTE',
  'PASSWORD_MIN_LENGTH',
  'PASSWORD_RESET_TTL_MINUTES',
  'RATE_LIMIT_KEY_PER_MINUTE',
  'RATE_LIMIT_USER_PER_MINUTE',
  'REDACT_AFTER_HOURS',
  'REFRESH_TOKEN_TTL_DAYS',
  'RETRY_BASE_MS',
  'RETRY_CAP_MS',
  'STUCK_AFTER_MINUTES',
  'TRUST_PROXY',
] as const

const NAMES = SETTINGS.map((name) => `'${name}'`).join(', ')

export const Settings = withRules(z.record(z.string(), z.string().max(2048)).meta({ maxProperties: SETTINGS.length }), [
  {
    rule: `self.all(name, name in [${NAMES}])`,
    message: 'settings may name variables of docs/configuration.md that are neither secret nor set by the other fields',
  },
])
