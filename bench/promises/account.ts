import type { Sent } from '../system/gateway.ts'
import type { Asked } from './programme.ts'

/** A message that its caller was told is accepted, and what can be said of it at the end. */
export type Accepted = Asked & Readonly<{ end: 'left' | 'did-not-leave' | 'nobody-knows' }>

export type Account = Readonly<{
  accepted: number
  /** Could have been sent, never was. */
  lost: number
  /** Sends beyond the first of a message. */
  twice: number
  /** First sends that came before one to the same recipient that was accepted earlier. */
  outOfOrder: number
  /** Most messages that left one number within any one second. */
  burstMax: number
  /** Messages of which the sender can say, truly, whether they left. */
  accountedFor: number
}>

/** Compares what callers were told with what left for WhatsApp; pure. */
export function accountOf(accepted: readonly Accepted[], journal: readonly Sent[]): Account {
  const firsts = new Map<string, Sent>()
  for (const sent of journal) if (!firsts.has(sent.content)) firsts.set(sent.content, sent)
  const didLeave = ({ text }: Asked) => firsts.has(text)
  return {
    accepted: accepted.length,
    lost: accepted.filter((message) => message.isReachable && !didLeave(message)).length,
    twice: journal.length - firsts.size,
    outOfOrder: outOfOrder(accepted, firsts),
    burstMax: burstMax(journal),
    accountedFor: accepted.filter((message) => message.end === (didLeave(message) ? 'left' : 'did-not-leave')).length,
  }
}

function outOfOrder(accepted: readonly Accepted[], firsts: ReadonlyMap<string, Sent>): number {
  const last = new Map<string, number>()
  let count = 0
  for (const { instance, to, text } of accepted) {
    const sequence = firsts.get(text)?.sequence
    if (sequence === undefined) continue
    const lane = `${instance} ${to}`
    const before = last.get(lane) ?? 0
    if (sequence < before) count += 1
    last.set(lane, Math.max(before, sequence))
  }
  return count
}

function burstMax(journal: readonly Sent[]): number {
  let most = 0
  for (const times of Map.groupBy(journal, ({ instance }) => instance).values()) {
    const at = times.map((sent) => Date.parse(sent.at)).sort((a, b) => a - b)
    let oldest = 0
    for (const [newest, time] of at.entries()) {
      while (time - (at[oldest] ?? time) >= 1000) oldest += 1
      most = Math.max(most, newest - oldest + 1)
    }
  }
  return most
}
