import type { ApiKey } from '@whatsapp-sender/store'
import { API_KEY_PREFIX } from './api-key-secrets.ts'

export function apiKeyView({ id, name, scopes, instances, createdAt, expiresAt, lastUsedAt }: ApiKey) {
  return {
    id,
    /** What the key begins with, for whoever looks for it in his settings. */
    prefix: `${API_KEY_PREFIX}${id}`,
    name,
    scopes,
    instances: instances ?? null,
    createdAt,
    expiresAt: expiresAt ?? null,
    lastUsedAt: lastUsedAt ?? null,
  }
}
