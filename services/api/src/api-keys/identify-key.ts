import type { ApiKey } from '@whatsapp-sender/store'
import { LRUCache } from 'lru-cache'
import type { Permission } from '../permissions.ts'
import type { PrincipalKey } from '../principal.ts'
import type { Known, KnownRows } from '../users/known.ts'
import type { ApiKeySecrets } from './api-key-secrets.ts'

/** A key as it is known here: its row, and what a caller may with it. */
export type KnownKey = Readonly<{ row: ApiKey; grant: PrincipalKey }>

/** Whose the key is and what it may, if it is one and holds. */
export type IdentifyKey = (key: string) => Promise<Known<Readonly<{ user: string; grant: PrincipalKey }>>>

/** An HMAC costs more than all else here, and the same key comes again and again. */
const VERIFIED_MAX = 5000

export function createIdentifyKey(o: {
  secrets: Pick<ApiKeySecrets, 'idOf' | 'matches'>
  keys: Pick<KnownRows<KnownKey>, 'get'>
  onUsed(id: string): void
  now?: () => number
}): IdentifyKey {
  const { now = () => Date.now() } = o
  const verified = new LRUCache<string, Readonly<{ id: string; hash: string }>>({ max: VERIFIED_MAX })

  return async (key) => {
    const seen = verified.get(key)
    const id = seen?.id ?? o.secrets.idOf(key)
    if (id === undefined) return 'missing'
    const known = await o.keys.get(id)
    if (known === 'missing' || known === 'unavailable') return known
    const { row, grant } = known
    if (seen?.hash !== row.hash) {
      if (!o.secrets.matches(key, row.hash)) return 'missing'
      verified.set(key, { id, hash: row.hash })
    }
    if (row.expiresAt !== undefined && row.expiresAt.getTime() <= now()) return 'missing'
    o.onUsed(id)
    return { user: row.user, grant }
  }
}

export function knownKeyOf(row: ApiKey): KnownKey {
  const scopes: ReadonlySet<Permission> = new Set(row.scopes)
  return { row, grant: { id: row.id, scopes, ...(row.instances && { instances: new Set(row.instances) }) } }
}
