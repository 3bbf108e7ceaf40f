import { describe } from 'node:test'
import { pathToFileURL } from 'node:url'

/**
 * Runs files one after the other, each as a suite by its path: what it declares while it is loaded belongs to that, so
 * that its hooks reach its own tests only. One that cannot be loaded fails alone.
 *
 * @param files from the working directory
 */
export async function loadTogether(files: readonly string[]): Promise<void> {
  // The runner finds the suite by what the loading was begun by: nothing may be awaited before.
  for (const file of files) await describe(file, () => import(pathToFileURL(file).href))
}
