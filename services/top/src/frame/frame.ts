import type { Look, Overview } from '../look.ts'
import { type Colors, cells, type Line, plain, shown, styled } from './lines.ts'
import { type Table, tablesOf } from './tables.ts'
import { countsOf, spanOf } from './words.ts'

export type Size = Readonly<{ columns: number; rows: number }>

const NAME_WIDTH = 12

/** The lines of one frame: no more than `rows`, none wider than `columns`. */
export function frameOf(url: string, look: Look, { columns, rows }: Size, colors: Colors): readonly string[] {
  const { overview, trouble } = look
  const head = [
    titleOf(url, overview, columns),
    trouble === undefined ? plain('') : styled('bad', troubleOf(trouble, overview)),
  ]
  const body = overview === undefined ? [] : bodyOf(overview, { columns, rows: rows - head.length })
  return [...head, ...body].slice(0, rows).map((line) => shown(line, columns, colors))
}

function titleOf(url: string, overview: Overview | undefined, columns: number): Line {
  const left = `WhatsApp Sender  ${url}`
  const time = overview === undefined ? '' : new Date(overview.at).toLocaleTimeString('en-GB')
  const gap = Math.max(2, columns - left.length - time.length)
  return [...styled('title', left), ...styled('faint', `${' '.repeat(gap)}${time}`)]
}

function troubleOf(trouble: string, overview: Overview | undefined): string {
  const kept = overview === undefined ? '' : ', what follows is older'
  return `${trouble}; it is asked again${kept}`
}

function bodyOf(overview: Overview, { columns, rows }: Size): readonly Line[] {
  const summary = [...summaryOf(overview), plain('')]
  return [...summary, ...fitting(tablesOf(overview, columns), rows - summary.length)]
}

function summaryOf({ consumers, messages, instances, at }: Overview): readonly Line[] {
  return [
    named('Throughput', consumers && throughputOf(consumers.recent)),
    named(
      'Waiting',
      messages &&
        plain(`${countsOf(messages.waitingFor)}  sending ${messages.sending}${messages.isWhole ? '' : '  and more'}`),
    ),
    named('Oldest due', messages && plain(oldestOf(messages.oldestDueAt, at))),
    named('Instances', instances && plain(countsOf(instances))),
    named('Evolution', consumers && evolutionOf(consumers.evolution)),
  ]
}

function named(name: string, line: Line | null): Line {
  return [...styled('title', name.padEnd(NAME_WIDTH)), ...(line ?? styled('bad', 'did not answer in time'))]
}

function throughputOf({ minutes, accepted, sent, failed }: NonNullable<Overview['consumers']>['recent']): Line {
  const perSecond = (count: number) => `${count} (${(count / (minutes * 60)).toFixed(1)}/s)`
  return [
    ...plain(`${minutes} min: accepted ${perSecond(accepted)}  sent ${perSecond(sent)}  `),
    ...styled(failed > 0 ? 'bad' : 'plain', `failed ${failed}`),
  ]
}

function oldestOf(oldestDueAt: string | null, at: string): string {
  return oldestDueAt === null ? 'nothing' : `for ${spanOf(Date.parse(at) - Date.parse(oldestDueAt))}`
}

function evolutionOf(servers: NonNullable<Overview['consumers']>['evolution']): Line {
  return servers.flatMap(({ server, heldBy }) =>
    heldBy === 0 ? plain(`${server} ok  `) : styled('bad', `${server} held by ${heldBy}  `),
  )
}

/**
 * Each table gets a row in turn until there is no more room; one that is cut says how much of it is to be seen. Where all
 * have room they stand apart.
 */
function fitting(tables: readonly Table[], rows: number): readonly Line[] {
  const apart = tables.flatMap((table, n) => [...(n === 0 ? [] : [plain('')]), ...linesOf(table, table.rows.length)])
  if (apart.length <= rows) return apart
  const shares = tables.map(() => 0)
  let left = rows - tables.length
  for (let gave = true; gave && left > 0; ) {
    gave = false
    for (const [n, table] of tables.entries()) {
      if (left === 0 || (shares[n] ?? 0) >= table.rows.length) continue
      shares[n] = (shares[n] ?? 0) + 1
      left -= 1
      gave = true
    }
  }
  return tables.flatMap((table, n) => linesOf(table, shares[n] ?? 0))
}

function linesOf({ widths, columns, rows }: Table, share: number): readonly Line[] {
  const part = share < rows.length ? ` (${share} of ${rows.length})` : ''
  const heading = cells(widths, [...columns.slice(0, -1), `${columns.at(-1)}${part}`])
  return [styled('title', heading), ...rows.slice(0, share)]
}
