import { createHmac } from 'node:crypto'
import { subkeyOf } from './subkey-of.ts'

/** What stands in log lines for what they do not hold, so that two lines on the same can be joined: 16 hex digits. */
export type LogHash = Readonly<{
  number(number: string): string
  /** Of an address. */
  text(text: string): string
}>

const LENGTH = 16

/** Numbers and addresses are few enough to try them all, so the hash is keyed. All ways to write the same digits have one hash. */
export function createLogHash(secretKey: string): LogHash {
  const key = subkeyOf(secretKey, 'log')
  const hash = (value: string) => createHmac('sha256', key).update(value).digest('hex').slice(0, LENGTH)
  return { number: (number) => hash(digitsOf(number)), text: hash }
}

/** Of `+5511999991000`, `5511999991000@s.whatsapp.net` and `5511999991000:7@s.whatsapp.net` the same. */
export function digitsOf(number: string): string {
  return number.replace(/[:@].*$/s, '').replace(/\D/g, '')
}
