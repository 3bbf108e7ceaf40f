import { describe } from 'node:test'
import { pathToFileURL } from 'node:url'

const ends: (() => Promise<unknown>)[] = []
let isLoading = false

/**
 * Runs files one after the other, each as a suite by its path: what it declares while it is loaded belongs to that, so
 * that its hooks reach its own tests only. One that cannot be loaded fails alone.
 *
 * @param files from the working directory
 */
export async function loadTogether(files: readonly string[]): Promise<void> {
  isLoading = true
  // The runner finds the suite by what the loading was begun by: nothing may be awaited before.
  for (const file of files) await describe(file, () => import(pathToFileURL(file).href))
  for (const end of ends) await end()
}

/** For what several files use: `end` is called when the last of those that share the process has ended, pass or fail. */
export function afterAllFiles(end: () => Promise<unknown>): void {
  if (!isLoading) throw new Error('who shares this with other files is loaded with them: run the tests with "npm test"')
  ends.push(end)
}
