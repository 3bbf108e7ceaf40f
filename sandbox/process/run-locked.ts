import { type DirectoryLock, lockDirectory } from './directory-lock.ts'
import type { RunningProcess } from './running-process.ts'

/**
 * Starts a process that has the directory to itself, until it ends.
 * @throws {DirectoryLockedError}
 */
export async function runLocked<P extends RunningProcess>(
  directory: string,
  start: (lock: DirectoryLock) => Promise<P>,
): Promise<P> {
  const lock = await lockDirectory(directory)
  try {
    const running = await start(lock)
    const released = running.exited.then(() => lock.release())
    const stop = async () => {
      const exit = await running.stop()
      await released
      return exit
    }
    return { ...running, stop }
  } catch (error) {
    await lock.release()
    throw error
  }
}
