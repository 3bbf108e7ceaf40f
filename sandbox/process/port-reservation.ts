import { rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DirectoryLockedError, lockDirectory } from './directory-lock.ts'

const directory = join(tmpdir(), `whatsapp-sender-ports-${process.getuid?.() ?? 0}`)
const reserved = new Set<number>()

process.on('exit', () => {
  for (const port of reserved) rmSync(join(directory, String(port)), { recursive: true, force: true })
})

/**
 * Keeps a port for this process until it ends; false when another process of ours has it. Between the choice of a port
 * and the bind there are seconds, and a second system that starts meanwhile would be taken for the first: its probes
 * answer on the same port.
 */
export async function reservePort(port: number): Promise<boolean> {
  if (reserved.has(port)) return true
  try {
    await lockDirectory(join(directory, String(port)))
    reserved.add(port)
    return true
  } catch (error) {
    if (error instanceof DirectoryLockedError) return false
    throw error
  }
}
