import { randomUUID } from 'node:crypto'
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { identityOf, isRunning, type ProcessIdentity } from './process-identity.ts'

const LOCK_FILE = 'lock.json'
const ORPHAN_GRACE_MS = 10_000

const identity = z.object({ pid: z.int().positive(), startedAt: z.string() })
const lockSchema = z.object({ id: z.string(), holder: identity, server: identity.optional() })

/** Who holds a directory: the process that took it and, once it runs, the server that works on the files. */
export type LockContent = z.infer<typeof lockSchema>

export type DirectoryLock = Readonly<{
  /** Names the server process, so that it is found even when the holder is killed. */
  nameServer(pid: number): Promise<void>
  release(): Promise<void>
}>

export class DirectoryLockedError extends Error {
  override readonly name = 'DirectoryLockedError'
  readonly code = 'directory-locked'
  readonly holderPid: number
  constructor(directory: string, holderPid: number) {
    super(`${directory} is in use by process ${holderPid}`)
    this.holderPid = holderPid
  }
}

/**
 * Takes the directory for this process. Two servers on one data directory destroy it, and neither Kafka nor a crash
 * leaves a lock that can be trusted, hence this one. What a dead process left is taken over, its server stopped first.
 * @throws {DirectoryLockedError}
 */
export async function lockDirectory(directory: string): Promise<DirectoryLock> {
  await mkdir(directory, { recursive: true })
  const file = join(directory, LOCK_FILE)
  const holder = await identityOf(process.pid)
  if (holder === undefined) throw new Error('This process cannot read its own start time')

  const id = randomUUID()
  while (!(await createExclusively(file, { id, holder }))) await takeAwayIfStale(directory, file)
  return {
    async nameServer(pid) {
      const server = await identityOf(pid)
      if (server !== undefined) await replace(file, { id, holder, server })
    },
    async release() {
      // After the server died somebody else may have taken the directory already.
      if (parse((await readLock(file)) ?? '')?.id === id) await rm(file, { force: true })
    },
  }
}

/** The pid that holds the directory now, if any. */
export async function holderOf(directory: string): Promise<number | undefined> {
  const text = await readLock(join(directory, LOCK_FILE))
  if (text === undefined) return undefined
  const lock = parse(text)
  return (await stateOf(lock, isRunning)) === 'held' ? lock?.holder.pid : undefined
}

/**
 * `held`: hands off. `orphaned`: the holder is dead and its server lives. `stale`: nobody is left. The server decides
 * as soon as it is known, for it is the one that writes to the files.
 */
export async function stateOf(
  lock: LockContent | undefined,
  isAlive: (identity: ProcessIdentity) => Promise<boolean>,
): Promise<'held' | 'orphaned' | 'stale'> {
  if (lock === undefined) return 'stale'
  const serverLives = lock.server === undefined ? undefined : await isAlive(lock.server)
  const holderLives = await isAlive(lock.holder)
  if (holderLives) return serverLives === false ? 'stale' : 'held'
  return serverLives === true ? 'orphaned' : 'stale'
}

async function takeAwayIfStale(directory: string, file: string): Promise<void> {
  const text = await readLock(file)
  if (text === undefined) return
  const lock = parse(text)
  const state = await stateOf(lock, isRunning)
  if (state === 'held') throw new DirectoryLockedError(directory, lock?.holder.pid ?? 0)
  if (state === 'orphaned' && lock?.server !== undefined) await stopOrphan(lock.server)

  // Somebody else may have replaced the stale lock meanwhile: a rename tells what was really taken away.
  const taken = `${file}.${randomUUID()}`
  try {
    await rename(file, taken)
  } catch {
    return
  }
  if ((await readLock(taken)) !== text) await link(taken, file).catch(() => undefined)
  await rm(taken, { force: true })
}

async function stopOrphan(server: ProcessIdentity): Promise<void> {
  const deadline = Date.now() + ORPHAN_GRACE_MS
  process.kill(server.pid, 'SIGTERM')
  while (await isRunning(server)) {
    if (Date.now() > deadline) process.kill(server.pid, 'SIGKILL')
    await sleep(50)
  }
}

/** False when the lock exists. A link makes the file appear with its content: nobody reads half a lock. */
async function createExclusively(file: string, lock: LockContent): Promise<boolean> {
  const temporary = `${file}.${randomUUID()}`
  await writeFile(temporary, JSON.stringify(lock))
  try {
    await link(temporary, file)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  } finally {
    await rm(temporary, { force: true })
  }
}

async function replace(file: string, lock: LockContent): Promise<void> {
  const temporary = `${file}.${randomUUID()}`
  await writeFile(temporary, JSON.stringify(lock))
  await rename(temporary, file)
}

async function readLock(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch(() => undefined)
}

function parse(text: string): LockContent | undefined {
  try {
    return lockSchema.parse(JSON.parse(text))
  } catch {
    return undefined
  }
}
