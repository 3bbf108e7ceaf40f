import { createHmac, createSecretKey, hkdfSync } from 'node:crypto'

/** The key that Evolution knows an instance by. */
export type InstanceTokenOf = (instance: { owner: string; name: string }) => string

/**
 * Made of the owner and the name, so that whoever asks again for an instance whose first answer was lost can prove, even
 * after a restart, that what stands at Evolution was made for him.
 */
export function createInstanceTokens(secretKey: string): InstanceTokenOf {
  const key = createSecretKey(Buffer.from(hkdfSync('sha256', secretKey, '', 'instance-token', 32)))
  return ({ owner, name }) => createHmac('sha256', key).update(`${owner}\0${name}`).digest('base64url')
}
