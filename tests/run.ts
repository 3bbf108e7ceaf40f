import { mkdtemp, rm } from 'node:fs/promises'
import { constants, tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { spec, type TestEvent } from 'node:test/reporters'
import { installKafka } from '@whatsapp-sender/sandbox/embedded/kafka/kafka-installation'
import { installMongod } from '@whatsapp-sender/sandbox/embedded/mongo/mongod-binary'
import { nodeEnvironment } from '@whatsapp-sender/sandbox/process/node-command'
import { globalSetup, globalTeardown } from './global-setup.ts'
import { runGroups } from './run-groups.ts'
import { selectFiles } from './select-files.ts'
import { entryOf, groupsOf, kindOf } from './test-groups.ts'

// `npm test`: the tests on real servers, but for those that take long; `npm run test:all`: every one. `npm test -- messages`
// runs the files whose path contains "messages"; any other word with a dash goes to the Node.js that runs each file.
const WHOLE = '--whole'
const SLOWEST_SHOWN = 10

const isWhole = process.argv.includes(WHOLE)
const args = process.argv.slice(2).filter((arg) => arg !== WHOLE)
const startedAt = performance.now()
await installServers()
const installed = performance.now()
const exitCode = await runTests()
console.log(`Installing took ${seconds(installed - startedAt)}, the tests ${seconds(performance.now() - installed)}`)
process.exit(exitCode)

async function installServers(): Promise<void> {
  const say = (what: string) => ({ onInstall: () => console.log(`Installing ${what} (first time only)…`) })
  try {
    if (!process.env['KAFKA_BROKERS']) await installKafka(process.env, say('the Kafka broker'))
    if (!process.env['MONGO_URL']) await installMongod(process.env, say('the database'))
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    process.exit(1)
  }
}

async function runTests(): Promise<number> {
  const { files, leftOut } = await selectFiles(
    args.filter((arg) => !arg.startsWith('-')),
    isWhole,
  )
  if (files.length === 0) {
    console.error('No test file matches.')
    return 1
  }
  const stop = new AbortController()
  let stoppedBy: NodeJS.Signals | undefined
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      stoppedBy = signal
      stop.abort()
    })
  }
  // Each file is a process of its own, and stripping types is most of its start.
  Object.assign(process.env, nodeEnvironment(process.env))
  const directory = await mkdtemp(join(tmpdir(), 'whatsapp-sender-test-files-'))
  try {
    await globalSetup()
    const isGreen = await runFiles(files, directory, stop.signal)
    if (leftOut > 0) console.log(`${leftOut} files that take long were left out: npm run test:all`)
    if (stoppedBy !== undefined) return 128 + constants.signals[stoppedBy]
    return isGreen ? 0 : 1
  } finally {
    await globalTeardown()
    await rm(directory, { recursive: true })
  }
}

/** The command line of Node's test runner would sort the files by name. */
async function runFiles(files: readonly string[], directory: string, signal: AbortSignal): Promise<boolean> {
  const groups = await Promise.all(
    groupsOf(files).map(async (group) => ({ entry: await entryOf(group, directory), kind: kindOf(group) })),
  )
  const execArgv = args.filter((arg) => arg.startsWith('-'))
  const tookMs = new Map<string, number>()
  const note = (path: string, ms: number) => void (files.includes(path) && tookMs.set(path, ms))
  let isGreen = false
  const tests = runGroups(groups, { execArgv, signal })
  tests.on('data', ({ type, data }: TestEvent) => {
    // A file of a group is a suite.
    if (type === 'test:pass' || type === 'test:fail') note(data.name, data.details.duration_ms)
    else if (type === 'test:summary' && data.file === undefined) isGreen = data.success
    else if (type === 'test:summary') note(relative(process.cwd(), data.file ?? ''), data.duration_ms)
  })
  for await (const text of tests.compose(new spec())) process.stdout.write(text)
  if (tookMs.size > 1) showSlowest(tookMs)
  return isGreen
}

function showSlowest(tookMs: ReadonlyMap<string, number>): void {
  const slowest = [...tookMs].sort(([, a], [, b]) => b - a).slice(0, SLOWEST_SHOWN)
  console.log('The files that took longest:')
  for (const [file, ms] of slowest) console.log(`  ${seconds(ms).padStart(8)}  ${file}`)
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}
