import { hash } from 'node:crypto'
import { ARROWS, type MessageStatus } from '@whatsapp-sender/contract'
import type { Call, RowOfLedger, RunLogs, Send } from './history.ts'

export type Invariant = 'I1' | 'I2' | 'I3' | 'I4' | 'I5' | 'I6' | 'I7' | 'I8' | 'I9'
export type Violation = Readonly<{ invariant: Invariant; what: string }>

export type Verdict = Readonly<{
  accepted: number
  /** Accepted, and neither sent nor ended as the run allows. */
  lost: number
  /** Sends of a message beyond its first, of all messages together. */
  duplicated: number
  /** Ended `unknown`, where the callers wanted nothing sent twice. */
  held: number
  /** So many could have been doubled, or held, by the faults of the run. */
  bound: number
  outOfOrder: number
  violations: readonly Violation[]
}>

/** An outcome may take so long from the gateway's answer into the ledger. */
const WRITING_MS = 250
/** Between a row's birth by the database's clock and the sample of an offset by ours. */
const CLOCKS_APART_MS = 1000
const GROWTH_MAX_MB = 150
/** Idle connections to others are kept for a while: this is above the most that the rows open at once. */
const HANDLES_MAX = 300

/** Compares what callers were told, what left for WhatsApp, and what the ledger says. Pure: a saved run can be judged again. */
export function checkRun(logs: RunLogs): Verdict {
  const facts = factsOf(logs)
  const lost = findLost(facts)
  const duplicates = findDuplicates(facts)
  const held = facts.messages.filter(({ policy, row }) => policy === 'hold' && row?.status === 'unknown').length
  const bound = boundOf(logs)
  const outOfOrder = findOutOfOrder(facts)
  return {
    accepted: facts.messages.filter(({ accepted }) => accepted).length,
    lost: lost.length,
    duplicated: duplicates.length,
    held,
    bound,
    outOfOrder: outOfOrder.length,
    violations: [
      ...violation('I1', 'was accepted and is lost', lost),
      ...findUnasked(facts),
      ...findBeyondBound(facts, { duplicates, held, bound }),
      ...violation('I4', 'left after one accepted later', outOfOrder),
      ...findForeignSends(facts),
      ...findTooFast(logs),
      ...findOffsetFaults(logs),
      ...findLedgerFaults(facts),
      ...findGrowth(logs),
    ],
  }
}

type Message = Readonly<{
  text: string
  user: string
  policy: Call['policy']
  lane: string
  accepted: boolean
  /** Some call of it may have been accepted. */
  possible: boolean
  id: string | undefined
  row: RowOfLedger | undefined
}>

type Facts = Readonly<{
  logs: RunLogs
  messages: readonly Message[]
  byText: ReadonlyMap<string, Message>
  /** Text → its sends, in order. */
  sends: ReadonlyMap<string, readonly Send[]>
}>

function factsOf(logs: RunLogs): Facts {
  const rows = new Map(logs.rows.map((row) => [row.id, row]))
  const rowOfText = new Map(logs.rows.map((row) => [row.text, row]))
  const messages = [...Map.groupBy(logs.calls, ({ text }) => text).values()].map((calls) => messageOf(calls))
  const sends = Map.groupBy(logs.sends, ({ text }) => text)
  return { logs, messages, byText: new Map(messages.map((each) => [each.text, each])), sends }

  function messageOf(calls: readonly Call[]): Message {
    const [first] = calls
    if (first === undefined) throw new Error('a message without a call')
    const ok = calls.find(({ result }) => result === 'ok')
    const { text, user, policy, instance, to } = first
    return {
      text,
      user,
      policy,
      lane: `${instance} ${to}`,
      accepted: ok !== undefined,
      possible: calls.some(({ result }) => result !== 'failed'),
      id: ok?.id,
      row: ok?.id === undefined ? rowOfText.get(text) : rows.get(ok.id),
    }
  }
}

const LEFT: readonly MessageStatus[] = ['sent', 'delivered', 'read']

/** I1: every 202 has a row that has ended as it may, and what ended as sent is in the journal. */
function findLost({ logs, messages, sends }: Facts): string[] {
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
function findUnasked({ byText, sends }: Facts): Violation[] {
  const unasked = [...sends.keys()].filter((text) => byText.get(text)?.possible !== true)
  return violation('I2', 'left and nobody was told that it was accepted', unasked)
}

function findDuplicates({ sends }: Facts): string[] {
  return [...sends].flatMap(([text, [, ...further]]) => further.map(() => text))
}

function boundOf({ windows, requests }: RunLogs): number {
  return requests.filter(({ at, answeredAt, instance }) =>
    windows.some(
      ({ from, to, instances }) =>
        at <= to && answeredAt >= from - WRITING_MS && (instances === undefined || instances.includes(instance)),
    ),
  ).length
}

/** I3: no more doubled or held than the faults explain, and nothing doubled that was to be held. */
function findBeyondBound(
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
function findOutOfOrder({ messages, sends }: Facts): string[] {
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
function findForeignSends({ logs, byText }: Facts): Violation[] {
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

/** I6: in any second an instance begins at most its limit and its burst. */
function findTooFast({ paces, requests }: RunLogs): Violation[] {
  return Object.entries(paces).flatMap(([instance, { perMinute, burst }]) => {
    const begun = requests.filter((each) => each.instance === instance).map(({ at }) => at)
    begun.sort((a, b) => a - b)
    const max = perMinute / 60 + burst
    const most = Math.max(0, ...begun.map((from, n) => countUntil(begun, n, from + 1000)))
    return most > max ? [{ invariant: 'I6', what: `${instance} began ${most} sends in a second, ${max} allowed` }] : []
  })
}

function countUntil(times: readonly number[], from: number, until: number): number {
  let end = from
  while ((times[end] ?? until) < until) end += 1
  return end - from
}

/** I7: an offset is committed only over what is kept, does not go back once all is quiet, and reaches the end. */
function findOffsetFaults(logs: RunLogs): Violation[] {
  const born = new Map(logs.rows.map(({ id, createdAt }) => [id, createdAt]))
  const undecodable = new Map(logs.undecodable.map(({ partition, offset, at }) => [`${partition}/${offset}`, at]))
  const keptAt = ({ partition, offset, id }: RunLogs['records'][number]): number =>
    undecodable.get(`${partition}/${offset}`) ?? born.get(id ?? '') ?? Number.POSITIVE_INFINITY
  const byPartition = Map.groupBy(logs.committed, ({ partition }) => partition)
  const passed = logs.records.flatMap((record) => {
    const over = byPartition.get(record.partition)?.find(({ offset }) => offset > record.offset)
    if (over === undefined || keptAt(record) <= over.at + CLOCKS_APART_MS) return []
    return [`${record.partition}/${record.offset}`]
  })
  const short = logs.ends.filter(({ partition, offset }) => {
    return offset > 0 && byPartition.get(partition)?.at(-1)?.offset !== offset
  })
  return [
    ...violation('I7', 'was committed over before it was kept', passed),
    ...violation('I7', 'went back after all was quiet', findSteppedBack(logs, byPartition)),
    ...violation(
      'I7',
      'was not committed to its end',
      short.map(({ partition, offset }) => `partition ${partition} (end ${offset})`),
    ),
  ]
}

function findSteppedBack(
  { quietAt = Number.POSITIVE_INFINITY }: RunLogs,
  byPartition: ReadonlyMap<number, RunLogs['committed']>,
): string[] {
  return [...byPartition].flatMap(([partition, samples]) => {
    const quiet = samples.filter(({ at }) => at >= quietAt)
    return quiet.some(({ offset }, n) => offset < (quiet[n - 1]?.offset ?? 0)) ? [`partition ${partition}`] : []
  })
}

const MOVES = new Set(ARROWS.map(({ from, to }) => `${from} → ${to}`))

/** I8: rows move along the arrows only, agree with the journal, and are not left in mid-send. */
function findLedgerFaults({ logs, sends }: Facts): Violation[] {
  const moves = Object.entries(logs.changes).flatMap(([id, statuses]) =>
    statuses.flatMap((to, n) => {
      const move = `${statuses[n - 1] ?? 'accepted'} → ${to}`
      return MOVES.has(move) ? [] : [`${id} ${move}`]
    }),
  )
  const textsTwice = [...Map.groupBy(logs.rows, ({ text }) => text)].flatMap(([text, { length }]) =>
    length > 1 ? [text] : [],
  )
  return [
    ...violation('I8', 'is no arrow', moves),
    ...violation('I8', 'has two rows', textsTwice),
    ...violation('I8', 'does not agree with the journal', findDisagreement(logs, sends)),
    ...violation(
      'I8',
      'is held by a process that is gone',
      logs.rows
        .filter(({ status, claimedBy }) => status === 'sending' && !logs.living.includes(claimedBy ?? ''))
        .map(({ id }) => id),
    ),
  ]
}

function findDisagreement({ rows }: RunLogs, sends: Facts['sends']): string[] {
  return rows.flatMap(({ text, status, reason, attempts, providerIds }) => {
    const left = sends.get(text) ?? []
    if (LEFT.includes(status) && !left.some(({ keyId }) => providerIds.includes(keyId)))
      return [`${text} is ${status} under an id that never left`]
    const mayHaveLeft =
      LEFT.includes(status) || reason === 'refused-by-whatsapp' || attempts.some(({ kind }) => kind === 'ambiguous')
    return left.length > 0 && !mayHaveLeft ? [`${text} left and is ${status}`] : []
  })
}

/** I9: once quiet, a process holds about what it held when it began. */
function findGrowth({ processes, quietAt }: RunLogs): Violation[] {
  if (quietAt === undefined) return []
  return [...Map.groupBy(processes, ({ pid }) => pid).values()].flatMap((samples) => {
    const first = samples[0]
    const last = samples.at(-1)
    if (first === undefined || last === undefined || last.at < quietAt) return []
    const grown = last.rssMb - first.rssMb
    const handles = last.handles - first.handles
    const name = `${first.name} (${first.pid})`
    return [
      ...(grown > GROWTH_MAX_MB ? [{ invariant: 'I9' as const, what: `${name} grew by ${grown.toFixed(0)} MB` }] : []),
      ...(handles > HANDLES_MAX ? [{ invariant: 'I9' as const, what: `${name} holds ${handles} handles more` }] : []),
    ]
  })
}

const NAMED = 5

/** Nothing when `who` is empty. */
function violation(invariant: Invariant, what: string, who: readonly string[]): Violation[] {
  return who.length === 0 ? [] : [{ invariant, what: `${who.length}: ${some(who)} ${what}` }]
}

function some(who: readonly string[]): string {
  return who.slice(0, NAMED).join(', ') + (who.length > NAMED ? ', …' : '')
}

export function textHashOf(text: string): string {
  return hash('sha256', text).slice(0, 16)
}
