/** passlib's pbkdf2_sha256, as the system before this one hashed passwords: rounds, salt and hash. */
const PASSLIB = /^\$pbkdf2-sha256\$(\d{1,7})\$([A-Za-z0-9./]{0,512})\$([A-Za-z0-9./]{43})$/

export type PasslibHash = Readonly<{ rounds: number; salt: Buffer; hash: Buffer }>

export function readPasslibHash(text: string): PasslibHash | undefined {
  const [, rounds, salt, hash] = PASSLIB.exec(text) ?? []
  if (rounds === undefined || salt === undefined || hash === undefined) return undefined
  return { rounds: Math.max(1, Number(rounds)), salt: fromAdaptedBase64(salt), hash: fromAdaptedBase64(hash) }
}

/** Its base64 has "." for "+" and no padding. */
function fromAdaptedBase64(text: string): Buffer {
  return Buffer.from(text.replaceAll('.', '+'), 'base64')
}
