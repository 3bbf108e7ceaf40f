import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { glob } from 'node:fs/promises'
import { constants } from 'node:os'
import { installKafka } from '@whatsapp-sender/sandbox/embedded/kafka/kafka-installation'
import { installMongod } from '@whatsapp-sender/sandbox/embedded/mongo/mongod-binary'

// `npm test`: every test on real servers. `npm test -- messages` runs the files whose path contains "messages"; what
// begins with a dash goes to Node's own test runner.
const TEST_FILES = [
  'packages/*/{src,tests}/**/*.test.ts',
  'services/*/{src,tests}/**/*.test.ts',
  'sandbox/**/*.test.ts',
  'bench/**/*.test.ts',
  'infra/**/*.test.ts',
  'tests/**/*.test.ts',
]
const FILES_AT_ONCE = 2

const args = process.argv.slice(2)
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
  const files = await selectFiles(args.filter((arg) => !arg.startsWith('-')))
  if (files.length === 0) {
    console.error('No test file matches.')
    return 1
  }
  const runner = spawn(
    process.execPath,
    [
      ...process.execArgv,
      '--test',
      '--test-reporter=spec',
      '--test-global-setup=tests/global-setup.ts',
      `--test-concurrency=${FILES_AT_ONCE}`,
      ...args.filter((arg) => arg.startsWith('-')),
      ...files,
    ],
    { stdio: 'inherit' },
  )
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => runner.kill(signal))
  await once(runner, 'exit')
  return runner.exitCode ?? 128 + (runner.signalCode === null ? 0 : constants.signals[runner.signalCode])
}

async function selectFiles(wanted: readonly string[]): Promise<readonly string[]> {
  const selected: string[] = []
  for await (const file of glob(TEST_FILES, { exclude: (path) => path.includes('node_modules') })) {
    if (wanted.length === 0 || wanted.some((part) => file.includes(part))) selected.push(file)
  }
  return selected.sort()
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}
