import type { RouteTable } from '../http/app.ts'
import { jsonBody } from '../http/json-body.ts'
import type { Parts } from '../parts.ts'
import { createApiKeyRoute } from './create-api-key.route.ts'
import { createCreateApiKey } from './create-api-key.ts'
import { listApiKeysRoute } from './list-api-keys.route.ts'
import { revokeApiKeyRoute } from './revoke-api-key.route.ts'

export function apiKeyRoutes({ access, audit, once, store }: Parts): RouteTable {
  const { authenticate, apiKeySecrets: secrets, forgetKnownKey } = access
  const create = createApiKeyRoute({
    authenticate,
    audit,
    once,
    createApiKey: createCreateApiKey({ secrets, apiKeys: store.apiKeys }),
  })
  const list = listApiKeysRoute({ authenticate, listApiKeys: store.apiKeys.listOf })
  const revoke = revokeApiKeyRoute({ authenticate, audit, forgetKnownKey, removeApiKey: store.apiKeys.remove })
  const body = jsonBody({ bytesMax: 64 * 1024 })
  return {
    '/v1/api-keys': { get: [list], post: [body, create] },
    '/v1/api-keys/:id': { delete: [revoke] },
  }
}
