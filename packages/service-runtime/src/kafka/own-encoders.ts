import { createRequire } from 'node:module'
import { z } from 'zod'
import { crc32c } from './crc32c.ts'
import { encodeRecord } from './encode-record.ts'

type Encoding = { buf: Buffer; offset: number }

/** The one whose files were looked at; it is the last of its line. */
const KNOWN_VERSION = '2.2.4'
const PROTOCOL = 'kafkajs/src/protocol'
/** What most headers and requests fit into. */
const BYTES_MIN = 512

const PackageFile = z.object({ version: z.string() })

const require = createRequire(import.meta.url)

/**
 * What kafkajs spends on a record is more than what we do: from now on its producers write each record in one go, with a
 * checksum over eight bytes at a time, and what encoders are left take their memory from Node's pool, where it need not be
 * asked for, cleared and given back. No byte is sent that was not written: they cut their memory at their offset.
 *
 * To be called before anything is sent: kafkajs loads the requests when they are first needed, and these modules with them.
 * @returns false: this kafkajs is another than the known one, and stays as it is
 */
export function useOwnEncoders(): boolean {
  const { version } = PackageFile.parse(require('kafkajs/package.json'))
  const encoder: unknown = require(`${PROTOCOL}/encoder.js`)
  if (version !== KNOWN_VERSION || typeof encoder !== 'function') return false
  const prototype: unknown = encoder.prototype
  // The constructor asks it how much to begin with; nobody else but `ensureAvailable` does.
  Object.assign(encoder, { nextPowerOfTwo: () => 0 })
  Object.assign(Object(prototype), { ensureAvailable })
  replace(`${PROTOCOL}/recordBatch/record/v0/index.js`, encodeRecord)
  replace(`${PROTOCOL}/recordBatch/crc32C/index.js`, crc32c)
  return true
}

/** What whoever loads this module from now on is given. */
function replace(path: string, by: unknown): void {
  require(path)
  const loaded = require.cache[require.resolve(path)]
  if (loaded !== undefined) loaded.exports = by
}

function ensureAvailable(this: Encoding, length: number): void {
  const needed = this.offset + length
  if (needed <= this.buf.length) return
  const larger = Buffer.allocUnsafe(Math.max(BYTES_MIN, 2 ** Math.ceil(Math.log2(needed))))
  this.buf.copy(larger, 0, 0, this.offset)
  this.buf = larger
}
