import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto'

/** Where a sealed value belongs. It opens nowhere else. */
export type SealedPlace = Readonly<{ collection: string; id: string; field: string }>

export type Sealing = Readonly<{
  seal(plain: string, place: SealedPlace): string
  /** Throws `SealingError` when the value was changed, moved to another place or sealed with a key that is not listed. */
  open(sealed: string, place: SealedPlace): string
  /** Whether the key that seals now has sealed it. */
  isNewest(sealed: string): boolean
}>

export class SealingError extends Error {
  override readonly name = 'SealingError'
  readonly code = 'sealed-value-refused'
}

const NONCE_BYTES = 12
const TAG_BYTES = 16
const KEY_BYTES = 32

/**
 * AES-256-GCM under keys derived from `SECRET_KEY`. The first secret seals, every listed one opens. A sealed value is
 * `<key id>.<base64url of nonce, ciphertext, tag>`.
 */
export function createSealing(secretKeys: readonly [string, ...string[]]): Sealing {
  const keys = new Map(secretKeys.map((secretKey) => [keyIdOf(secretKey), deriveKey(secretKey, 'encrypt')]))
  const newestId = keyIdOf(secretKeys[0])
  const newest = deriveKey(secretKeys[0], 'encrypt')
  return {
    seal: (plain, place) => {
      const nonce = randomBytes(NONCE_BYTES)
      const cipher = createCipheriv('aes-256-gcm', newest, nonce).setAAD(aadOf(place))
      const ciphertext = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()])
      return `${newestId}.${Buffer.concat([nonce, ciphertext, cipher.getAuthTag()]).toString('base64url')}`
    },
    open: (sealed, place) => {
      const [keyId = '', body = ''] = sealed.split('.', 2)
      const key = keys.get(keyId)
      if (key === undefined) throw new SealingError(`no key with id ${keyId.slice(0, 16)}`)
      return decrypt(key, Buffer.from(body, 'base64url'), aadOf(place))
    },
    isNewest: (sealed) => sealed.startsWith(`${newestId}.`),
  }
}

function decrypt(key: Buffer, bytes: Buffer, aad: Buffer): string {
  if (bytes.length < NONCE_BYTES + TAG_BYTES) throw new SealingError('the sealed value is too short')
  const nonce = bytes.subarray(0, NONCE_BYTES)
  const tag = bytes.subarray(bytes.length - TAG_BYTES)
  // Without a fixed length, Node would accept a shortened tag, which is easier to forge.
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES }).setAAD(aad).setAuthTag(tag)
  try {
    const ciphertext = bytes.subarray(NONCE_BYTES, bytes.length - TAG_BYTES)
    return Buffer.concat([decipher.update(ciphertext), decipher.final()]).toString('utf8')
  } catch (cause) {
    throw new SealingError('the sealed value was changed or belongs elsewhere', { cause })
  }
}

/** JSON keeps the parts apart: no two places share their associated data. */
function aadOf({ collection, id, field }: SealedPlace): Buffer {
  return Buffer.from(JSON.stringify([collection, id, field]), 'utf8')
}

function deriveKey(secretKey: string, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secretKey, '', purpose, KEY_BYTES))
}

function keyIdOf(secretKey: string): string {
  return createHash('sha256').update(deriveKey(secretKey, 'key id')).digest('hex').slice(0, 8)
}
