import type { Scope } from '@whatsapp-sender/contract'
import type { ApiKey, NewApiKey } from '@whatsapp-sender/store'
import { may } from '../permissions.ts'
import type { Principal } from '../principal.ts'
import type { ApiKeySecrets } from './api-key-secrets.ts'

export type CreateApiKeyResult =
  | Readonly<{ kind: 'created'; row: ApiKey; key: string }>
  | Readonly<{ kind: 'beyond-role'; scopes: readonly Scope[] }>
  | Readonly<{ kind: 'too-many'; max: number }>

export type CreateApiKey = (
  owner: Principal,
  asked: Readonly<{
    name: string
    scopes: readonly Scope[]
    instances?: string[] | undefined
    expiresAt?: Date | undefined
  }>,
) => Promise<CreateApiKeyResult>

/** Of one user. */
const KEYS_MAX = 100

export function createCreateApiKey(o: {
  secrets: Pick<ApiKeySecrets, 'create'>
  apiKeys: { countOf(user: string): Promise<number>; create(key: NewApiKey): Promise<ApiKey> }
}): CreateApiKey {
  return async (owner, { name, scopes, instances, expiresAt }) => {
    const beyond = scopes.filter((scope) => !may(owner, scope))
    if (beyond.length > 0) return { kind: 'beyond-role', scopes: beyond }
    if ((await o.apiKeys.countOf(owner.id)) >= KEYS_MAX) return { kind: 'too-many', max: KEYS_MAX }
    const { id, key, hash } = o.secrets.create()
    const row = await o.apiKeys.create({
      id,
      user: owner.id,
      name,
      hash,
      scopes,
      ...(instances && { instances }),
      ...(expiresAt && { expiresAt }),
    })
    return { kind: 'created', row, key }
  }
}
