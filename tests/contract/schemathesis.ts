import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { InstallError } from '@whatsapp-sender/sandbox/embedded/install-error'
import { cacheDirectory } from '@whatsapp-sender/sandbox/embedded/repository'
import { runTool } from '@whatsapp-sender/sandbox/embedded/run-tool'

const VERSION = '4.32.5'
const PYTHONS = ['python3', 'python3.14', 'python3.13', 'python3.12', 'python3.11', 'python3.10', 'python']
const IS_NEW_ENOUGH = 'import sys, venv; sys.exit(sys.version_info < (3, 10))'
const INSTALL_TIMEOUT_MS = 600_000
/** Above every bound that the API promises. */
const ANSWER_TIMEOUT_S = 60

/**
 * Schemathesis in a virtual environment of its own; installed from PyPI the first time.
 * @returns the program
 * @throws {InstallError} without Python, or without PyPI
 */
export async function installSchemathesis(onInstall: () => void): Promise<string> {
  const directory = join(cacheDirectory, `schemathesis-${VERSION}`)
  const program = join(directory, 'bin', 'schemathesis')
  if (existsSync(program)) return program
  const python = await findPython()
  onInstall()
  // Half of one is worse than none.
  await rm(directory, { recursive: true, force: true })
  await install(python, ['-m', 'venv', directory])
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', `schemathesis==${VERSION}`]
  await install(join(directory, 'bin', 'python'), pip)
  return program
}

async function findPython(): Promise<string> {
  for (const python of PYTHONS) {
    const { succeeded } = await runTool(python, ['-c', IS_NEW_ENOUGH], { timeoutMs: 30_000 })
    if (succeeded) return python
  }
  throw new InstallError(
    `Schemathesis needs Python 3.10 or newer with its venv module, and none of ${PYTHONS.join(', ')} is that.`,
  )
}

async function install(python: string, args: readonly string[]): Promise<void> {
  const { succeeded, output } = await runTool(python, args, { timeoutMs: INSTALL_TIMEOUT_MS })
  if (!succeeded) throw new InstallError(`Schemathesis could not be installed: ${output}`)
}

export type Run = Readonly<{
  /** Of the API, whose document is read and whose operations are called. */
  url: string
  /** Who calls. */
  token: string
  seed: number
  maxExamples: number
  /** Ids of operations that are not called. */
  without: readonly string[]
  /** It writes there what it has to, and nothing is left elsewhere. */
  directory: string
}>

/** What has to hold of every answer. A bad request may be taken where the document does not say all that makes it bad. */
const CHECKS = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
]

/**
 * Calls the operations of the served document, and prints what it finds.
 * @returns whether every answer was what the document says
 */
export async function runSchemathesis(program: string, run: Run): Promise<boolean> {
  const args = [
    ['run', `${run.url}/openapi.json`],
    ['--checks', CHECKS.join(',')],
    ['--seed', String(run.seed), '--max-examples', String(run.maxExamples)],
    ['--header', `Authorization: Bearer ${run.token}`],
    ['--request-timeout', String(ANSWER_TIMEOUT_S)],
    ['--suppress-health-check', 'all', '--generation-database', 'none', '--warnings', 'off', '--no-color'],
    ['--continue-on-failure'],
    run.without.flatMap((id) => ['--exclude-operation-id', id]),
  ].flat()
  const child = spawn(program, args, { cwd: run.directory, stdio: ['ignore', 'inherit', 'inherit'] })
  const { promise, resolve, reject } = Promise.withResolvers<number | null>()
  child.once('error', reject)
  child.once('exit', resolve)
  return (await promise) === 0
}
