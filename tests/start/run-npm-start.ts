import assert from 'node:assert/strict'
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify, stripVTControlCharacters } from 'node:util'
import { identityOf, type ProcessIdentity } from '@whatsapp-sender/sandbox/process/process-identity'
import { until } from '@whatsapp-sender/sandbox/process/until'
import { z } from 'zod'

const run = promisify(execFile)
const readySystem = z.object({
  api: z.url(),
  apiMetrics: z.url(),
  consumerMetrics: z.url(),
  canaryMetrics: z.url().optional(),
  prometheus: z.url().optional(),
  evolution: z.url(),
  kafka: z.string(),
  mongo: z.string(),
  admin: z.object({ email: z.email(), password: z.string() }),
})
const accepted = z.object({ id: z.string(), status: z.literal('accepted') })

export type ReadySystem = z.infer<typeof readySystem>

/** A running `npm start`. */
export type Started = Readonly<{
  system: ReadySystem
  children(): Promise<readonly ProcessIdentity[]>
  /** Runs the command that the terminal shows and follows its message; the id. */
  sendUntilRead(): Promise<string>
  /** What the terminal shows so far, without its colours. */
  output(): string
  /** Presses Ctrl-C; the exit code. */
  stop(): Promise<number | null>
}>

/** `npm start` with a folder of its own for everything it keeps. */
export async function createSandboxFolder(env: NodeJS.ProcessEnv) {
  const directory = await mkdtemp(join(tmpdir(), 'npm-start-'))
  const readyFile = join(directory, 'ready.json')
  const ownEnv = { ...env, SANDBOX_DIR: directory }
  const started: ChildProcess[] = []
  return {
    directory,
    readyFile,
    async start(settings: NodeJS.ProcessEnv = {}, args: readonly string[] = []): Promise<Started> {
      const child = spawn(process.execPath, [...process.execArgv, 'sandbox/start.ts', ...args], {
        env: { ...ownEnv, ...settings },
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      started.push(child)
      let output = ''
      child.stdout.on('data', (chunk: Buffer) => {
        output += chunk.toString()
      })
      const text = await until('ready.json is written', async () => {
        assert.equal(child.exitCode, null, `npm start ended:\n${output}`)
        return existsSync(readyFile) ? readFile(readyFile, 'utf8') : undefined
      })
      const system = readySystem.parse(JSON.parse(text))
      return {
        system,
        output: () => stripVTControlCharacters(output),
        children: () => childrenOf(child),
        sendUntilRead: async () => sendUntilRead(system, await commandIn(() => output)),
        stop: () => interrupt(child),
      }
    },
    /** Runs one of the sandbox's programs on the same folder to its end; all that it printed. */
    async outputOf(program: string, args: readonly string[] = []): Promise<string> {
      const child = spawn(process.execPath, [...process.execArgv, program, ...args], {
        env: ownEnv,
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      const chunks = await Promise.all([child.stdout, child.stderr].map((stream) => stream.toArray()))
      return chunks.flat().join('')
    },
    async remove(): Promise<void> {
      for (const child of started) child.kill('SIGKILL')
      // What it started hears of its end a moment later, and may write until then.
      await rm(directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 })
    },
  }
}

export async function statusOf({ api, admin }: ReadySystem, id: string): Promise<string> {
  const login = await fetch(`${api}/user/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(admin),
  })
  const { access_token: token } = z.object({ access_token: z.string() }).parse(await login.json())
  const response = await fetch(`${api}/v1/messages/${id}`, { headers: { authorization: `Bearer ${token}` } })
  return z.object({ status: z.string() }).parse(await response.json()).status
}

async function sendUntilRead(system: ReadySystem, command: string): Promise<string> {
  const { stdout } = await run('sh', ['-c', command])
  const { id } = accepted.parse(JSON.parse(stdout))
  await until(`message ${id} is read`, async () => ((await statusOf(system, id)) === 'read' ? true : undefined))
  return id
}

function commandIn(output: () => string): Promise<string> {
  return until('the command is shown', async () => /^curl .+$/m.exec(stripVTControlCharacters(output()))?.[0])
}

async function interrupt(child: ChildProcess): Promise<number | null> {
  child.kill('SIGINT')
  await once(child, 'exit')
  return child.exitCode
}

async function childrenOf(child: ChildProcess): Promise<readonly ProcessIdentity[]> {
  const { stdout } = await run('ps', ['-A', '-o', 'pid=,ppid='])
  const pids = stdout.split('\n').flatMap((line) => {
    const [pid, parent] = line.trim().split(/\s+/).map(Number)
    return pid !== undefined && parent === child.pid ? [pid] : []
  })
  const identities = await Promise.all(pids.map((pid) => identityOf(pid)))
  return identities.filter((identity) => identity !== undefined)
}
