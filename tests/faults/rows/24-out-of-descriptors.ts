import { execFile } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'
import { promisify } from 'node:util'
import { defineRow } from '../row.ts'
import { instancesNamed } from '../support/instances.ts'

const run_ = promisify(execFile)
const ENOUGH = 4096

defineRow({
  number: 24,
  title: 'API and consumer run out of file descriptors',
  demand: 'callers are refused or not heard, no process ends, and all recovers',
  schedule: (random, bySize) => ({
    recipients: random.between(10, 14),
    /** Of each process, beyond those it has open. */
    spare: random.between(3, 8),
    forMs: bySize({ short: 3000, usual: 6000, full: 20_000 }),
  }),
  run: async (run, { recipients, spare, forMs }) => {
    const system = await run.startSystem({ consumers: 0, gatewayEnv: { SANDBOX_LATENCY_MS: '100' } })
    const consumer = await system.startConsumer()
    const lanes = await run.createLanes({ instances: instancesNamed('full', 12), recipients })
    const pids = [system.api().pid, consumer.pid]
    await run.post({ lanes: lanes.slice(0, 5), messages: 50, name: 'before' })

    for (const pid of pids) await limit(pid, (await openFiles(pid)) + spare)
    const load = run.startLoad({ lanes, messages: Number.POSITIVE_INFINITY, name: 'm', everyMs: 500 })
    await wait(forMs)
    for (const pid of pids) await limit(pid, ENOUGH)
    const during = await load.stop()
    const refused = during.filter(({ result }) => result !== 'ok').length
    run.demand('there were too few descriptors', refused > 0, refused)

    const after = await run.post({ lanes, messages: 2 * lanes.length, name: 'after' })
    run.demand(
      'everything is accepted again',
      after.every(({ result }) => result === 'ok'),
      after.filter(({ result }) => result !== 'ok').length,
    )
    await run.untilQuiet()
    const alive = await Promise.all(pids.map((pid) => openFiles(pid).catch(() => 0)))
    run.demand('no process has ended', !alive.includes(0), alive.join())
  },
})

async function openFiles(pid: number): Promise<number> {
  return (await readdir(`/proc/${pid}/fd`)).length
}

async function limit(pid: number, files: number): Promise<void> {
  await run_('prlimit', ['--pid', String(pid), `--nofile=${files}:${ENOUGH}`])
}
