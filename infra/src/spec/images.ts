import { RELEASE } from '../release.ts'

/** Images of this version, by component. A registry of one's own goes in front, in the custom resource. */
export const DEFAULT_IMAGES = {
  api: `whatsapp-sender-api:${RELEASE}`,
  consumer: `whatsapp-sender-consumer:${RELEASE}`,
  topics: `whatsapp-sender-topics:${RELEASE}`,
  sandbox: `whatsapp-sender-sandbox:${RELEASE}`,
  evolution: 'evoapicloud/evolution-api:v2.3.6',
  postgres: 'postgres:16.10',
} as const
