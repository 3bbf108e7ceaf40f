import { mkdir, readdir, rename } from 'node:fs/promises'
import { join } from 'node:path'

/** Moves the logs of the run before into `previous`: a new run begins with empty files, and a crash can be looked into. */
export async function keepLastLogs(directory: string): Promise<void> {
  const previous = join(directory, 'previous')
  await mkdir(previous, { recursive: true })
  const names = (await readdir(directory)).filter((name) => name.endsWith('.log'))
  await Promise.all(names.map((name) => rename(join(directory, name), join(previous, name))))
}
