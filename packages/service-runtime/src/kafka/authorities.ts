import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

const CERTIFICATE_FILE = /\.(crt|pem)$/

/**
 * The certificates of a file, or of all files of a folder, as a Secret is mounted whole: while Strimzi replaces an
 * authority, brokers show certificates of the old one and of the new, and the Secret holds both, each in a file.
 * @throws when there is none
 */
export function readAuthorities(path: string): string {
  if (!statSync(path).isDirectory()) return readFileSync(path, 'utf8')
  const files = readdirSync(path).filter((file) => CERTIFICATE_FILE.test(file))
  if (files.length === 0) throw new Error(`No file in ${path} ends in .crt or .pem`)
  return files.map((file) => readFileSync(join(path, file), 'utf8')).join('\n')
}
