import type { SendFailure } from '@whatsapp-sender/contract'
import { definitionOf, type FailureCode } from '../failure-codes.ts'

/** What becomes of a message that was taken: it is read, WhatsApp refuses it, or nothing is heard of it any more. */
export type SandboxFate = 'read' | 'refused' | 'silent'

type Trouble = Readonly<{
  /** What every try is answered with, or the first ones only. */
  code?: FailureCode
  tries?: number
  /** Only messages that carry a file. */
  ofFiles?: true
  fate?: SandboxFate
}>

/** By the last four digits of the recipient, as in the sandbox of Evolution API. Nobody has to wait for a minute here. */
const TROUBLES: ReadonlyMap<string, Trouble> = new Map([
  ['0404', { code: 'not-on-whatsapp' }],
  ['0408', { code: 'lookup-unanswered' }],
  ['0504', { code: 'keys-unanswered' }],
  ['0429', { code: 'whatsapp-rate-limit', tries: 2 }],
  ['0500', { code: 'server-error', tries: 2 }],
  ['0503', { code: 'media-failed', ofFiles: true }],
  ['0009', { code: 'socket-lost', tries: 2 }],
  ['0011', { fate: 'silent' }],
  ['0010', { fate: 'silent' }],
  ['0463', { fate: 'refused' }],
])

const REMEMBERED_MAX = 10_000

/** What is in store for messages to a recipient. Counts tries, so that a passing trouble passes. */
export function createSandboxRecipients() {
  const tries = new Map<string, number>()

  /** True for the first tries of a key, false for the next one, then anew. */
  const strikes = (key: string, limit: number): boolean => {
    const earlier = tries.get(key) ?? 0
    tries.delete(key)
    if (earlier >= limit) return false
    if (tries.size >= REMEMBERED_MAX) tries.clear()
    tries.set(key, earlier + 1)
    return true
  }

  return {
    exists: (number: string): boolean => troubleOf(number)?.code !== 'not-on-whatsapp',
    /** @param number digits, or a JID */
    meet: (o: Readonly<{ instance: string; number: string; hasFile: boolean }>): SandboxFate | SendFailure => {
      const { code, tries: limit, ofFiles, fate = 'read' } = troubleOf(o.number) ?? {}
      if (code === undefined || (ofFiles && !o.hasFile)) return fate
      const isMet = limit === undefined || strikes(`${o.instance}/${o.number}`, limit)
      return isMet ? failureOf(code) : fate
    },
  }
}

function troubleOf(number: string): Trouble | undefined {
  return TROUBLES.get((number.split('@')[0] ?? '').slice(-4))
}

/** Never one of the server: many users share it, and none of them may shut it for the others. */
function failureOf(code: FailureCode): SendFailure {
  const { kind, meaning: detail, retryAfterMs } = definitionOf(code)
  return { kind, code, detail, ...(retryAfterMs !== undefined && { retryAfterMs }) }
}
