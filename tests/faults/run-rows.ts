import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { glob, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { globalSetup, globalTeardown, tearDownOnSignals } from '../global-setup.ts'
import { checkRun } from './check.ts'
import { currentCommit, KEPT_RUNS, type PlannedRow, planRuns } from './kept-runs.ts'
import { headlineOf, placeReport, reportOf } from './report.ts'
import type { Size } from './row.ts'
import { faultsOf, isGreen, type RowResult, readLogs, readResult } from './run-row.ts'
import { loadRows } from './schedule.ts'
import { type ServerVersions, serverVersions } from './server-versions.ts'
import { parseSuiteOptions, type SuiteOptions, SuiteOptionsError } from './suite-options.ts'

// `npm run test:faults`: every row of the table on a real broker and a real database, each in a process of its own and
// on a system of its own. FAULTS_SEED, FAULTS_ROWS, FAULTS_AT_ONCE and FAULTS_FULL choose; CONTRIBUTING.md tells more.

/** Far above what any row takes: one that hangs must not hold up the others for ever. */
const ROW_TIMEOUT_MS: Readonly<Record<Size, number>> = { short: 300_000, usual: 600_000, full: 5_400_000 }

const children = new Set<ReturnType<typeof spawn>>()
tearDownOnSignals(() => {
  for (const child of children) child.kill('SIGTERM')
})
process.exit(await main())

async function main(): Promise<number> {
  try {
    const options = parseSuiteOptions(process.argv.slice(2), process.env)
    return options.check === undefined ? await runSuite(options) : await checkAgain(options.check)
  } catch (error) {
    if (!(error instanceof SuiteOptionsError)) throw error
    console.error(error.message)
    return 2
  }
}

async function runSuite(options: SuiteOptions): Promise<number> {
  const { seeds, size, atOnce } = options
  const rows = (await loadRows()).filter(({ number }) => options.rows?.has(number) ?? true)
  const commit = await currentCommit()
  const planned = planRuns(rows, { seeds, size, commit })
  console.log(`FAULTS_SEED=${seeds.join(',')}  ${planned.length} runs of ${rows.length} rows, ${atOnce} at once`)
  const results = new Map<PlannedRow, RowResult>()
  if (!options.fresh) {
    for (const each of planned) {
      const kept = await readResult(each.directory)
      if (kept !== undefined) results.set(each, kept)
    }
    if (results.size > 0) console.log(`${results.size} of them are done and kept in ${KEPT_RUNS}`)
  }
  const runOne = async (each: PlannedRow): Promise<void> => {
    const result = await runInProcess(each, size)
    results.set(each, result)
    console.log(`[${results.size}/${planned.length}] ${lineOf(result)}`)
    for (const fault of faultsOf(result)) console.log(`    ${fault}`)
  }
  const open = planned.filter((each) => !results.has(each))
  const ownKafka = !process.env['KAFKA_BROKERS']
  await globalSetup()
  try {
    const servers = await serverVersions({ ownKafka, mongoUrl: process.env['MONGO_URL'] ?? '' })
    await runAll(
      open.filter(({ row }) => !row.alone),
      atOnce,
      runOne,
    )
    await runAll(
      open.filter(({ row }) => row.alone),
      1,
      runOne,
    )
    const all = planned.flatMap((each) => results.get(each) ?? [])
    await writeReport(all, options, { commit, ...servers })
    console.log(`\n${headlineOf(all)}`)
    return all.every(isGreen) ? 0 : 1
  } finally {
    await globalTeardown()
  }
}

async function runAll(
  open: readonly PlannedRow[],
  atOnce: number,
  runOne: (each: PlannedRow) => Promise<void>,
): Promise<void> {
  const waiting = [...open]
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await runOne(next)
  }
  await Promise.all(Array.from({ length: atOnce }, work))
}

async function runInProcess(planned: PlannedRow, size: Size): Promise<RowResult> {
  const { row, policy, seed, directory } = planned
  const logs = join(directory, 'programs')
  await rm(directory, { recursive: true, force: true })
  await mkdir(logs, { recursive: true })
  const began = performance.now()
  const child = spawn(
    process.execPath,
    [
      ...process.execArgv,
      join(import.meta.dirname, 'row-process.ts'),
      String(row.number),
      policy,
      seed,
      size,
      directory,
    ],
    { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, TEST_LOG_DIR: logs } },
  )
  children.add(child)
  let said = ''
  child.stderr.on('data', (bytes: Buffer) => {
    said = (said + bytes.toString()).slice(-4000)
  })
  const timer = setTimeout(() => child.kill('SIGTERM'), ROW_TIMEOUT_MS[size])
  await once(child, 'close')
  clearTimeout(timer)
  children.delete(child)
  const result = (await readResult(directory)) ?? withoutResult(planned, performance.now() - began, said)
  if (isGreen(result)) await rm(logs, { recursive: true, force: true })
  return result
}

function withoutResult({ row, policy, seed }: PlannedRow, tookMs: number, said: string): RowResult {
  return {
    row: row.number,
    title: row.title,
    demand: row.demand,
    policy,
    seed,
    schedule: undefined,
    seconds: Math.round(tookMs / 1000),
    demands: [{ what: "the row's process comes to a result", met: false, seen: said }],
    accepted: 0,
    lost: 0,
    duplicated: 0,
    held: 0,
    bound: 0,
    outOfOrder: 0,
    violations: [],
  }
}

async function writeReport(
  results: readonly RowResult[],
  options: SuiteOptions,
  ran: ServerVersions & Readonly<{ commit: string }>,
): Promise<void> {
  const facts = { ...ran, size: options.size, node: process.versions.node }
  const report = reportOf(results, facts)
  const places = [join(KEPT_RUNS, 'report.md'), ...(options.report === undefined ? [] : [options.report])]
  for (const place of places) {
    await mkdir(dirname(place), { recursive: true })
    const page = await readFile(place, 'utf8').catch(() => '')
    await writeFile(place, placeReport(page, report))
  }
  await writeFile(
    join(KEPT_RUNS, 'report.json'),
    JSON.stringify({ ...facts, headline: headlineOf(results), results }, null, 2),
  )
  console.log(`\nReport: ${places.join(', ')}`)
}

async function checkAgain(folder: string): Promise<number> {
  let red = 0
  for await (const file of glob('**/logs.json', { cwd: folder })) {
    const directory = dirname(join(folder, file))
    const kept = await readResult(directory)
    if (kept === undefined) continue
    const result = { ...kept, ...checkRun(await readLogs(directory)) }
    if (!isGreen(result)) red += 1
    console.log(lineOf(result))
    for (const fault of faultsOf(result)) console.log(`    ${fault}`)
  }
  return red === 0 ? 0 : 1
}

function lineOf(result: RowResult): string {
  const { row, policy, accepted, lost, duplicated, held, bound, outOfOrder, seconds } = result
  const counts = [
    `${accepted} accepted`,
    `${lost} lost`,
    `${duplicated} twice`,
    `${held} held`,
    `bound ${bound}`,
    `${outOfOrder} out of order`,
  ]
  return `row ${row} ${policy}: ${counts.join(', ')}, ${seconds} s  ${isGreen(result) ? 'ok' : 'MISSED'}`
}
