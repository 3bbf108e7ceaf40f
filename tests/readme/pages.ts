import { execFile } from 'node:child_process'
import { glob, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

export const root = fileURLToPath(new URL('../..', import.meta.url))

/** Every page of the repository, by its path. */
export async function readPages(): Promise<ReadonlyMap<string, string>> {
  const pages = new Map<string, string>()
  const exclude = (path: string) => /(^|\/)(node_modules|\.[^/]+)$/.test(path)
  for await (const path of glob('**/*.md', { cwd: root, exclude })) {
    pages.set(path, await readFile(join(root, path), 'utf8'))
  }
  return pages
}

/** Whether a shell understands it; nothing of it is run. */
export async function parsesInShell(text: string): Promise<string | undefined> {
  try {
    await promisify(execFile)('bash', ['-n', '-c', text])
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
