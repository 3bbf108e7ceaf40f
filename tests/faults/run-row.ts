import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { checkRun, type Verdict } from './check.ts'
import { createFaultRun, type Demand } from './fault-run.ts'
import type { Policy, RunLogs } from './history.ts'
import type { Row, Size } from './row.ts'
import { planRow } from './schedule.ts'

export type RowResult = Readonly<{
  row: number
  title: string
  demand: string
  policy: Policy
  seed: string
  schedule: unknown
  seconds: number
  demands: readonly Demand[]
}> &
  Verdict

export type RunChoice = Readonly<{ seed: string; policy: Policy; size: Size }>

const NOTHING: Verdict = { accepted: 0, lost: 0, duplicated: 0, held: 0, bound: 0, outOfOrder: 0, violations: [] }

/** Runs one row on a system of its own and judges it by its logs, which are kept in `directory` when one is given. */
export async function runRow(row: Row, { seed, policy, size }: RunChoice, directory?: string): Promise<RowResult> {
  const began = performance.now()
  const { schedule, run } = planRow(row, { seed, policy, size })
  const faultRun = createFaultRun(policy)
  const failures: Demand[] = []
  const failed = (what: string) => (error: unknown) => {
    failures.push({ what, met: false, seen: error instanceof Error ? (error.stack ?? error.message) : String(error) })
    return undefined
  }
  let logs: RunLogs | undefined
  try {
    await run(faultRun).catch(failed('the row runs to its end'))
    logs = await faultRun.collect().catch(failed('the logs can be collected'))
  } finally {
    await faultRun.end().catch(failed('everything can be stopped'))
  }
  if (logs !== undefined && directory !== undefined) await keepLogs(directory, logs)
  const result = {
    row: row.number,
    title: row.title,
    demand: row.demand,
    policy,
    seed,
    schedule,
    seconds: Math.round((performance.now() - began) / 100) / 10,
    demands: [...faultRun.demands, ...failures],
    ...(logs === undefined ? NOTHING : checkRun(logs)),
  }
  if (directory !== undefined) await writeFile(join(directory, RESULT_FILE), JSON.stringify(result, null, 2))
  return result
}

/** Whether everything the row demands was met, and no invariant broken. */
export function isGreen({ demands, violations }: Pick<RowResult, 'demands' | 'violations'>): boolean {
  return violations.length === 0 && demands.every(({ met }) => met)
}

/** What went wrong, a line each. */
export function faultsOf({ demands, violations }: Pick<RowResult, 'demands' | 'violations'>): string[] {
  return [
    ...violations.map(({ invariant, what }) => `${invariant}: ${what}`),
    ...demands.flatMap(({ what, met, seen }) => (met ? [] : [`${what}: ${seen}`])),
  ]
}

const RESULT_FILE = 'result.json'
const LOGS_FILE = 'logs.json'

async function keepLogs(directory: string, logs: RunLogs): Promise<void> {
  await mkdir(directory, { recursive: true })
  await writeFile(join(directory, LOGS_FILE), JSON.stringify(logs))
}

/** The logs of a run that was kept. */
export async function readLogs(directory: string): Promise<RunLogs> {
  const logs: RunLogs = JSON.parse(await readFile(join(directory, LOGS_FILE), 'utf8'))
  return logs
}

/** The result of a run that was kept; undefined when it did not come to one. */
export async function readResult(directory: string): Promise<RowResult | undefined> {
  const text = await readFile(join(directory, RESULT_FILE), 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  const result: RowResult = JSON.parse(text)
  return result
}
