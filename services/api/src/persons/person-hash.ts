import { createHmac } from 'node:crypto'
import type { Recipient } from '@whatsapp-sender/contract'
import { subkeyOf } from '@whatsapp-sender/service-runtime'
import { personForm } from '@whatsapp-sender/store'

/** What stands for a number where the number itself must not be kept: 32 hex digits, one for all forms of a number. */
export type PersonHash = (number: Recipient) => string

const LENGTH = 32

/** Numbers are few enough to try them all, so the hash is keyed. */
export function createPersonHash(secretKey: string): PersonHash {
  const key = subkeyOf(secretKey, 'person')
  return (number) => createHmac('sha256', key).update(personForm(number)).digest('hex').slice(0, LENGTH)
}
