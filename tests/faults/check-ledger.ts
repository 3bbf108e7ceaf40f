import { ARROWS } from '@whatsapp-sender/contract'
import type { RunLogs } from './history.ts'
import { type Facts, LEFT } from './run-facts.ts'
import { type Violation, violation } from './violation.ts'

/** Between a row's birth by the database's clock and the sample of an offset by ours. */
const CLOCKS_APART_MS = 1000

/** I7: an offset is committed only over what is kept, does not go back once all is quiet, and reaches the end. */
export function findOffsetFaults(logs: RunLogs): Violation[] {
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
export function findLedgerFaults({ logs, sends }: Facts): Violation[] {
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
