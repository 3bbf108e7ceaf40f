import { z } from 'zod'

/** An integer written in decimal digits. */
export function envInteger({ min, max }: { min: number; max: number }) {
  return z
    .string()
    .refine(
      (text) => /^-?\d{1,15}$/.test(text) && Number(text) >= min && Number(text) <= max,
      `must be a whole number from ${min} to ${max}`,
    )
    .transform(Number)
}

/** A number written in decimal digits, with a point before its fraction. */
export function envDecimal({ min, max }: { min: number; max: number }) {
  return z
    .string()
    .refine(
      (text) => /^\d{1,15}(\.\d{1,9})?$/.test(text) && Number(text) >= min && Number(text) <= max,
      `must be a number from ${min} to ${max}`,
    )
    .transform(Number)
}

/** 0 lets the system choose a free port. */
export const envPort = envInteger({ min: 0, max: 65535 })

export const envBoolean = z.enum(['true', 'false'], 'must be "true" or "false"').transform((text) => text === 'true')

/** An http or https address; the result has no slash at its end. */
export const envUrl = z
  .string()
  .refine(isHttpAddress, 'must be an http or https URL without credentials, query or fragment')
  .transform((text) => text.replace(/\/+$/, ''))

export function envSecret(bytesMin: number) {
  return z.string().refine((text) => Buffer.byteLength(text) >= bytesMin, `must have at least ${bytesMin} bytes`)
}

/** As many as a rotation can need, and some more: each is tried. */
const SECRETS_MAX = 4

/**
 * A secret that can be replaced: a key per line, of which the first one is used for all that is new, and every one for what
 * was made before.
 */
export function envSecrets(bytesMin: number) {
  return z
    .string()
    .transform((text) => text.split(/\r?\n/))
    .refine(
      (keys) => keys.every((key) => Buffer.byteLength(key) >= bytesMin) && keys.length <= SECRETS_MAX,
      `must have at least ${bytesMin} bytes, or be up to ${SECRETS_MAX} keys of that length, one per line`,
    )
    .refine((keys) => new Set(keys).size === keys.length, 'must not have the same key twice')
    .transform(([newest = '', ...others]) => ({ newest, others }))
}

/** The key that makes what is new, and those whose work holds as well. */
export type Secrets = Readonly<{ newest: string; others?: readonly string[] }>

/** Items parted by commas, spaces around them dropped. */
export const envList = z
  .string()
  .transform((text) => text.split(',').map((item) => item.trim()))
  .refine((items) => items.every((item) => item !== ''), 'must be items parted by single commas')

function isHttpAddress(text: string): boolean {
  const url = URL.parse(text)
  return (
    url !== null &&
    /^https?:$/.test(url.protocol) &&
    [url.username, url.password, url.search, url.hash].every((part) => part === '')
  )
}
