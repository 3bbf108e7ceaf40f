import { faultsOf, isGreen, type RowResult } from './run-row.ts'

export type ReportFacts = Readonly<{ commit: string; node: string; kafka: string; mongo: string; size: string }>

/** The whole report: the headline, a line for each row, and what went wrong. */
export function reportOf(results: readonly RowResult[], facts: ReportFacts): string {
  const seeds = [...new Set(results.map(({ seed }) => seed))]
  const red = results.filter((result) => !isGreen(result))
  return [
    headlineOf(results),
    '',
    `Seeds ${seeds.map((seed) => `\`${seed}\``).join(', ')}; commit \`${facts.commit}\`; ${facts.size} lengths; real servers: ${facts.kafka}, ${facts.mongo}; Node.js ${facts.node}.`,
    '',
    '| # | fault | policy | runs | accepted | lost | sent twice | held | bound | out of order | demands and invariants | s |',
    '| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |',
    ...linesOf(results),
    ...(red.length === 0 ? [] : ['', 'Not met:', '', ...red.flatMap(whatWentWrong)]),
    '',
  ].join('\n')
}

/** One sentence with all numbers, none of them rounded. */
export function headlineOf(results: readonly RowResult[]): string {
  const sum = (value: (result: RowResult) => number) => results.reduce((total, result) => total + value(result), 0)
  const doubled = sum(({ duplicated }) => duplicated)
  const held = sum((result) => result.held)
  const bound = sum((result) => result.bound)
  const sign = bound >= doubled + held ? '≥' : '<'
  const red = results.filter((result) => !isGreen(result)).length
  const missed = red === 0 ? '' : ` ${red} runs missed a demand.`
  return (
    `In ${results.length} seeded fault runs with ${sum(({ accepted }) => accepted)} accepted messages: ` +
    `${sum(({ lost }) => lost)} lost, ${doubled} sent twice and ${held} held as unknown ` +
    `(bound: in flight at the faults = ${bound} ${sign} ${doubled + held}), ` +
    `${sum(({ outOfOrder }) => outOfOrder)} out of order.${missed}`
  )
}

function linesOf(results: readonly RowResult[]): string[] {
  const groups = Map.groupBy(results, ({ row, policy }) => `${String(row).padStart(3, '0')} ${policy}`)
  const sorted = [...groups].sort(([a], [b]) => (a < b ? -1 : 1))
  return sorted.flatMap(([, runs]) => {
    const [first] = runs
    if (first === undefined) return []
    const sum = (value: (result: RowResult) => number) => runs.reduce((total, result) => total + value(result), 0)
    const green = runs.filter(isGreen).length
    const cells = [
      first.row,
      first.title,
      first.policy,
      runs.length,
      sum(({ accepted }) => accepted),
      sum(({ lost }) => lost),
      sum(({ duplicated }) => duplicated),
      sum(({ held }) => held),
      sum(({ bound }) => bound),
      sum(({ outOfOrder }) => outOfOrder),
      green === runs.length ? 'all met' : `**missed in ${runs.length - green}**`,
      Math.round(sum(({ seconds }) => seconds) / runs.length),
    ]
    return [`| ${cells.join(' | ')} |`]
  })
}

function whatWentWrong(result: RowResult): string[] {
  return faultsOf(result).map((fault) => {
    const [line = ''] = fault.split('\n')
    return `- row ${result.row} (${result.policy}, seed \`${result.seed}\`): ${line}`
  })
}

const BEGIN = '<!-- fault report: begin -->'
const END = '<!-- fault report: end -->'

/** The page with the report in its place, or the report alone where the page has no place for it. */
export function placeReport(page: string, report: string): string {
  const from = page.indexOf(BEGIN)
  const to = page.indexOf(END)
  if (from < 0 || to < from) return report
  return `${page.slice(0, from + BEGIN.length)}\n${report}${page.slice(to)}`
}
