import type { MessageStatus } from '@whatsapp-sender/contract'
import type { RunLogs } from './history.ts'
import { type Facts, LEFT } from './run-facts.ts'
import { some, type Violation, violation } from './violation.ts'

/** An outcome may take so long from the gateway's answer into the ledger. */
const WRITING_MS = 250

/** I1: every 202 has a row that has ended as it may, and what ended as sent is in the journal. */
export function findLost({ logs, messages, sends }: Facts): string[] {
  const allowed = new Set<MessageStatus>([...LEFT, ...logs.mayEnd])
  return messages.flatMap((message) => {
    if (!message.accepted) return []
    const { text, row, policy } = message
    if (row === undefined) return [`${text} (no row)`]
    if (LEFT.includes(row.status)) return sends.has(text) ? [] : [`${text} (${row.status}, and never left)`]
    if (row.status === 'unknown' && policy === 'hold') return []
    if (!allowed.has(row.status)) return [`${text} (${row.status} ${row.reason ?? ''})`]
    return row.reason === undefined && row.status !== 'cancelled' ? [`${text} (${row.status} without a reason)`] : []
  })
}

/** I2: nothing left that was not accepted, or may have been. */
export function findUnasked({ byText, sends }: Facts): Violation[] {
  const unasked = [...sends.keys()].filter((text) => byText.get(text)?.possible !== true)
  return violation('I2', 'left and nobody was told that it was accepted', unasked)
}

export function findDuplicates({ sends }: Facts): string[] {
  return [...sends].flatMap(([text, [, ...further]]) => further.map(() => text))
}

export function boundOf({ windows, requests }: RunLogs): number {
  return requests.filter(({ at, answeredAt, instance }) =>
    windows.some(
      ({ from, to, instances }) =>
        at <= to && answeredAt >= from - WRITING_MS && (instances === undefined || instances.includes(instance)),
    ),
  ).length
}

/** I3: no more doubled or held than the faults explain, and nothing doubled that was to be held. */
export function findBeyondBound(
  { byText }: Facts,
  { duplicates, held, bound }: Readonly<{ duplicates: readonly string[]; held: number; bound: number }>,
): Violation[] {
  const doubledOnHold = duplicates.filter((text) => byText.get(text)?.policy === 'hold')
  const beyond = duplicates.length + held > bound
  const what = `${duplicates.length} sent twice and ${held} held, ${bound} explained by the faults`
  return [
    ...(beyond ? [{ invariant: 'I3' as const, what: `${what}: ${some(duplicates)}` }] : []),
    ...violation('I3', 'was to be held and was sent twice', doubledOnHold),
  ]
}

/** I4: texts whose first send came before that of one accepted earlier in their lane. */
export function findOutOfOrder({ messages, sends }: Facts): string[] {
  const last = new Map<string, number>()
  return messages.flatMap(({ text, lane, accepted }) => {
    const sequence = sends.get(text)?.[0]?.sequence
    if (sequence === undefined || !accepted) return []
    const before = last.get(lane) ?? 0
    last.set(lane, Math.max(before, sequence))
    return sequence < before ? [text] : []
  })
}

/** I5: what a user sent leaves through his own instance and no other. */
export function findForeignSends({ logs, byText }: Facts): Violation[] {
  const foreign = logs.sends.filter(({ text, instance, number }) => {
    const message = byText.get(text)
    if (message === undefined) return false
    return logs.owners[instance] !== message.user || `${instance} ${number}` !== message.lane
  })
  return violation(
    'I5',
    'left through another instance, or to another number',
    foreign.map(({ text, instance }) => `${text} (${instance})`),
  )
}
