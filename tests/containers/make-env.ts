import { spawnSync } from 'node:child_process'
import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { parseEnv } from 'node:util'
import { repositoryRoot } from '@whatsapp-sender/sandbox/embedded/repository'

/** A folder that holds what `npm run secrets` needs; gone after the test. */
export async function emptyClone(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'clone-'))
  t.after(() => rm(folder, { recursive: true }))
  for (const file of ['make-env.mjs', '.env.example']) await copyFile(join(repositoryRoot, file), join(folder, file))
  return folder
}

/** What `npm run secrets` runs. */
export function runMakeEnv(folder: string, ...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(folder, 'make-env.mjs'), ...args], {
    encoding: 'utf8',
  })
  return { status, output: `${stdout}${stderr}` }
}

/** An .env as `npm run secrets` makes it. */
export async function makeEnv(t: TestContext): Promise<{ file: string; env: Readonly<Record<string, string>> }> {
  const folder = await emptyClone(t)
  const { status, output } = runMakeEnv(folder)
  if (status !== 0) throw new Error(output)
  const file = join(folder, '.env')
  const env: Record<string, string> = {}
  for (const [name, value] of Object.entries(parseEnv(await readFile(file, 'utf8')))) env[name] = value ?? ''
  return { file, env }
}
