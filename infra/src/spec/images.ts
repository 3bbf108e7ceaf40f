/** Images of this version, by component. A registry of one's own goes in front, in the custom resource. */
export const DEFAULT_IMAGES = {
  api: 'whatsapp-sender-api:0.1.0',
  consumer: 'whatsapp-sender-consumer:0.1.0',
  topics: 'whatsapp-sender-topics:0.1.0',
  sandbox: 'whatsapp-sender-sandbox:0.1.0',
  evolution: 'evoapicloud/evolution-api:v2.3.6',
  postgres: 'postgres:16.10',
} as const
