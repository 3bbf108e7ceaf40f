/** Runs in worker threads: one comparison keeps a core busy for about 0.1 s, and bcryptjs yields far too seldom. */
import { pbkdf2Sync, timingSafeEqual } from 'node:crypto'
import { getPriority, setPriority } from 'node:os'
import { compareSync, hashSync, truncates } from 'bcryptjs'
import { type PasslibHash, readPasslibHash } from './passlib-hash.ts'

/** 2^10 rounds, about 0.1 s: the least that OWASP asks for, and ten logins a second and core. */
const COST = 10
const PRIORITY = 10

/** What a password of nobody is compared with, so that an unknown user costs as much as a known one. */
const NOBODY = '$2b$10$2DvdLEiqirTDU/O6P6aFru61IZrKItFEO0wHrlFmGC0u//M5W/vkO'

// On Linux this is the priority of this thread alone: a storm of logins gives way to the thread that serves. Where the
// process has a lower one already, nobody without rights may go up to this.
if (process.platform === 'linux' && getPriority() < PRIORITY) setPriority(0, PRIORITY)

/** @throws {RangeError} when bcrypt would not see the whole password */
export function hashPassword({ password, cost = COST }: { password: string; cost?: number | undefined }): string {
  if (truncates(password)) throw new RangeError('the password has more than 72 bytes')
  return hashSync(password, cost)
}

export type Verification = Readonly<{ matches: boolean; isOutdated: boolean }>

/** `hash` undefined: there is no such user. Outdated: right, and worth hashing anew. */
export function verifyPassword(o: { password: string; hash: string | undefined }): Verification {
  const { password, hash = NOBODY } = o
  const passlib = readPasslibHash(hash)
  if (passlib !== undefined) {
    const matches = verifyPasslib(password, passlib)
    // The same work as for everybody else, or the time would tell which accounts were imported.
    if (!matches) compareSync(password, NOBODY)
    return { matches, isOutdated: matches && !truncates(password) }
  }
  const isRight = compareSync(password, isBcrypt(hash) ? hash : NOBODY)
  return { matches: isRight && hash !== NOBODY && isBcrypt(hash) && !truncates(password), isOutdated: false }
}

function verifyPasslib(password: string, { rounds, salt, hash }: PasslibHash): boolean {
  return timingSafeEqual(pbkdf2Sync(password, salt, rounds, hash.length, 'sha256'), hash)
}

function isBcrypt(hash: string): boolean {
  return /^\$2[aby]\$\d\d\$[A-Za-z0-9./]{53}$/.test(hash)
}
