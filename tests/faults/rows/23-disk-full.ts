import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { until } from '@whatsapp-sender/sandbox/process/until'
import type { FaultRun } from '../fault-run.ts'
import type { Lane } from '../load.ts'
import { postOnce } from '../load.ts'
import { defineRow } from '../row.ts'
import { instancesNamed } from '../support/instances.ts'
import { type OwnServer, startOwnBroker, startOwnMongo } from '../support/own-server.ts'

const run_ = promisify(execFile)

/** A broker lays out 24 segments with their indexes, MongoDB its journal: this is what both need, and not much more. */
const DISK_MB = 192

defineRow({
  number: 23,
  title: 'the disk of the broker, then that of the database, is full',
  demand: '503, and recovery without a restart of ours',
  schedule: (random, bySize) => ({
    messages: bySize({ short: 100, usual: 200, full: 1000 }),
    recipients: random.between(3, 5),
  }),
  run: async (run, { messages, recipients }) => {
    const disks = { broker: await mountDisk(run), database: await mountDisk(run) }
    if (disks.broker === undefined || disks.database === undefined) {
      run.demand('skipped: a small disk can be mounted only by root, on Linux', true, 'not root')
      return
    }
    const broker = run.owns(await startOwnBroker({ dataDir: join(disks.broker, 'data') }), (server) => server.stop())
    const mongo = run.owns(await startOwnMongo({ dataDir: join(disks.database, 'data') }), (server) => server.stop())
    const system = await run.startSystem({ brokers: broker.address, mongoUrl: mongo.address })
    const lanes = await run.createLanes({ instances: instancesNamed('disk', 3), recipients })
    const pids = system.programs().map(({ pid }) => pid)
    await run.post({ lanes, messages, name: 'before' })

    await fillUp(disks.broker)
    const refused = await untilRefused(run, lanes)
    run.demand('a broker with a full disk makes the API answer 503', refused === 503, String(refused))
    await repair(disks.broker, broker)
    await untilAccepted(run, lanes, 'broker')

    await fillUp(disks.database)
    await run.post({ lanes, messages, name: 'during' })
    await repair(disks.database, mongo)
    await untilAccepted(run, lanes, 'database')
    await run.post({ lanes, messages, name: 'after' })
    await run.untilQuiet()
    run.demand('ours were not restarted', pids.every(isAlive), pids.filter((pid) => !isAlive(pid)).join())
  },
})

/** Undefined where this may not be done. */
async function mountDisk(run: FaultRun): Promise<string | undefined> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return undefined
  const directory = await mkdtemp(join(tmpdir(), 'faults-disk-'))
  try {
    await run_('mount', ['-t', 'tmpfs', '-o', `size=${DISK_MB}m`, 'tmpfs', directory])
  } catch {
    await rm(directory, { recursive: true })
    return undefined
  }
  return run.owns(directory, async () => {
    await run_('umount', ['-l', directory])
    await rm(directory, { recursive: true })
  })
}

/** Takes whatever is left, to the last block. */
async function fillUp(disk: string): Promise<void> {
  await run_('dd', ['if=/dev/zero', `of=${ballast(disk)}`, 'bs=64k']).catch(() => undefined)
}

/** Room again. A server that could not write has ended itself, as both do, or is ended now. */
async function repair(disk: string, server: OwnServer): Promise<void> {
  await rm(ballast(disk))
  await server.halt()
  await server.restart()
}

function ballast(disk: string): string {
  return join(disk, 'ballast')
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** Posts until a message is refused, and answers how. */
async function untilRefused(run: FaultRun, lanes: readonly Lane[]): Promise<number | undefined> {
  return await postUntil(run, lanes, 'full', (status) => status !== 202)
}

async function untilAccepted(run: FaultRun, lanes: readonly Lane[], name: string): Promise<void> {
  await postUntil(run, lanes, `again-${name}`, (status) => status === 202)
}

async function postUntil(
  run: FaultRun,
  lanes: readonly Lane[],
  name: string,
  isWanted: (status: number | undefined) => boolean,
): Promise<number | undefined> {
  let at = 0
  return await until(`a call of ${name} ends as it should`, async () => {
    const lane = lanes[at % lanes.length]
    if (lane === undefined) throw new Error('no lane')
    const call = await postOnce({ lane, text: `${name}-${at}`, policy: run.policy })
    run.noteCall(call)
    at += 1
    return isWanted(call.status) ? (call.status ?? 0) : undefined
  })
}
