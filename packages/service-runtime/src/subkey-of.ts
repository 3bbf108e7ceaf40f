import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto'

/** 32 bytes derived from `SECRET_KEY` for one purpose: what is made with it tells nothing of what is made for another. */
export function subkeyOf(secretKey: string, purpose: string): KeyObject {
  return createSecretKey(Buffer.from(hkdfSync('sha256', secretKey, '', purpose, 32)))
}
