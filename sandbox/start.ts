import { relative } from 'node:path'
import { type DirectoryLock, DirectoryLockedError, lockDirectory } from './process/directory-lock.ts'
import { explain } from './startup/explain.ts'
import { followLogs } from './startup/follow-logs.ts'
import { keepLastLogs } from './startup/keep-last-logs.ts'
import { createLauncher } from './startup/launcher.ts'
import { locations, stateDirectory } from './startup/locations.ts'
import { planSystem } from './startup/plan-system.ts'
import { prepareFirstMessage } from './startup/prepare-first-message.ts'
import { prettyLine } from './startup/pretty-line.ts'
import { removeReadyFile, writeReadyFile } from './startup/ready-file.ts'
import { startObservers } from './startup/start-observers.ts'
import { startSystem } from './startup/start-system.ts'
import { stopRequests } from './startup/stop-requests.ts'
import { summaryOf } from './startup/summary.ts'
import { createTerminal, secondsSince } from './startup/terminal.ts'

// `npm start`: the whole system on this machine, until Ctrl-C.
const terminal = createTerminal(process.stdout)
const requests = stopRequests()
const launcher = createLauncher(terminal, requests.stop)
requests.hurry.addEventListener('abort', () => launcher.killAll())
const [option, ...others] = process.argv.slice(2)
const isObserved = option === '--observe'
process.exitCode = (option !== undefined && !isObserved) || others.length > 0 ? refuseArguments() : await main()
process.exit()

function refuseArguments(): number {
  terminal.print('npm start takes one argument: npm start -- --observe brings a canary and a Prometheus as well.')
  terminal.print('For the rest the environment and the file .env say what it does, and docs/configuration.md lists')
  terminal.print('every variable. npm run reset forgets its data.')
  return 2
}

async function main(): Promise<number> {
  let lock: DirectoryLock | undefined
  try {
    lock = await takeStateDirectory()
    if (lock === undefined) return 1
    await run()
    return 0
  } catch (error) {
    if (requests.stop.aborted) return 0
    terminal.print(explain(error))
    return 1
  } finally {
    if (lock !== undefined) await stopAll(lock)
  }
}

async function stopAll(lock: DirectoryLock): Promise<void> {
  await removeReadyFile()
  await launcher.stopAll()
  await lock.release()
}

async function run(): Promise<void> {
  const startedAt = performance.now()
  terminal.print('Starting WhatsApp Sender\n')
  await removeReadyFile()
  await keepLastLogs(locations.logs)
  const plan = await planSystem(process.env, { isObserved })
  const services = await startSystem(plan, launcher, terminal)
  const observers = isObserved
    ? await startObservers(plan, services, { launcher, terminal, signal: requests.stop })
    : {}
  const system = { ...services, ...observers }
  const firstMessage = await terminal.step(
    'First message',
    () => {
      const evolutionIsGiven = plan.given.evolution !== undefined
      return prepareFirstMessage(system, { evolutionIsGiven, signal: requests.stop })
    },
    (prepared) => (prepared.kind === 'instance' ? `instance ${prepared.name}` : 'none, see below'),
  )
  await writeReadyFile(system)
  terminal.print(`\nEverything runs after ${secondsSince(startedAt)}`)
  terminal.print(summaryOf(system, { firstMessage, logs: relative(process.cwd(), locations.logs) }))
  const following = await followLogs({
    directory: locations.logs,
    names: ['api.log', 'consumer.log'],
    print: terminal.print,
    lineOf: prettyLine,
    signal: requests.stop,
  })
  await requests.stopped
  await following.ended
}

async function takeStateDirectory(): Promise<DirectoryLock | undefined> {
  try {
    return await lockDirectory(stateDirectory)
  } catch (error) {
    if (!(error instanceof DirectoryLockedError)) throw error
    terminal.print(`npm start runs here already (process ${error.holderPid}). Stop it first, with Ctrl-C.`)
    return undefined
  }
}
