import { randomBytes } from 'node:crypto'
import type { SandboxFate } from './sandbox-recipients.ts'

export type SandboxReceipt = Readonly<{
  instance: string
  keyId: string
  status: 'DELIVERY_ACK' | 'READ' | 'ERROR'
  at: Date
}>

type Word = SandboxReceipt['status']

const DELIVERED_AFTER_MS = 300
const READ_AFTER_MS = 900
const TELL_EVERY_MS = 100
/** About 20 MB. What is beyond is told when somebody asks. */
const HELD_MAX = 100_000

const FATES = { R: 'read', F: 'refused', N: 'silent' } as const satisfies Readonly<Record<string, SandboxFate>>
const LETTERS: Readonly<Record<SandboxFate, keyof typeof FATES>> = { read: 'R', refused: 'F', silent: 'N' }

/** It says when the message was taken and what becomes of it: whoever is asked later needs no memory. */
export function newKeyId(fate: SandboxFate, now: number): string {
  const time = now.toString(16).padStart(12, '0').toUpperCase()
  return `SBX${time}${LETTERS[fate]}${randomBytes(6).toString('hex').toUpperCase()}`
}

/** WhatsApp's words about a message until now. Of another's message there are none. */
export function wordsAbout(keyId: string, now: number): Word[] {
  const [, time = '', letter] = /^SBX([0-9A-F]{12})([RFN])[0-9A-F]{12}$/.exec(keyId) ?? []
  const takenAt = Number.parseInt(time, 16)
  if (letter !== 'R' && letter !== 'F' && letter !== 'N') return []
  return planOf(FATES[letter]).flatMap(([word, afterMs]) => (takenAt + afterMs <= now ? [word] : []))
}

function planOf(fate: SandboxFate): readonly (readonly [Word, number])[] {
  if (fate === 'silent') return []
  if (fate === 'refused') return [['ERROR', DELIVERED_AFTER_MS]]
  return [
    ['DELIVERY_ACK', DELIVERED_AFTER_MS],
    ['READ', READ_AFTER_MS],
  ]
}

/** Tells of messages that were taken, a moment later and many at once. What is not told by `stop` can be asked for. */
export function createSandboxReceipts({
  tell,
  now,
}: Readonly<{ tell(receipts: readonly SandboxReceipt[]): void; now(): number }>) {
  let held: Readonly<{ receipt: SandboxReceipt; due: number }>[] = []
  let timer: NodeJS.Timeout | undefined

  const tellDue = (): void => {
    timer = undefined
    const at = now()
    const due = held.filter((each) => each.due <= at)
    held = held.filter((each) => each.due > at)
    if (due.length > 0) tell(due.map(({ receipt }) => receipt))
    tellLater()
  }
  const tellLater = (): void => {
    if (held.length > 0) timer ??= setTimeout(tellDue, TELL_EVERY_MS)
  }

  return {
    expect: (instance: string, keyId: string, fate: SandboxFate): void => {
      const takenAt = now()
      for (const [status, afterMs] of planOf(fate)) {
        if (held.length >= HELD_MAX) return
        const due = takenAt + afterMs
        held.push({ receipt: { instance, keyId, status, at: new Date(due) }, due })
      }
      tellLater()
    },
    stop: (): void => {
      clearTimeout(timer)
      held = []
    },
  }
}
