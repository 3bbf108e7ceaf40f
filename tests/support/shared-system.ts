import { afterAllFiles } from '../load-together.ts'
import { type System, startSystem } from './system.ts'

let shared: Promise<System> | undefined

/**
 * One system for all files of a process that need no settings of their own: to start one costs more than most of them
 * do. Each file has instances of its own, of which it looks at what it sees, suppresses only numbers that are its own,
 * and leaves Evolution as it was.
 */
export function sharedSystem(): Promise<System> {
  shared ??= start()
  return shared
}

async function start(): Promise<System> {
  afterAllFiles(async () => {
    const system = await shared?.catch(() => undefined)
    await system?.stop()
  })
  return await startSystem({ env: { OUTGOING_PRIVATE_NETWORKS: '127.0.0.0/8' } })
}
