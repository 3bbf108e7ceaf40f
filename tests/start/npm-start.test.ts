import assert from 'node:assert/strict'
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { promisify, stripVTControlCharacters } from 'node:util'
import { identityOf, isRunning, type ProcessIdentity } from '@whatsapp-sender/sandbox/process/process-identity'
import { z } from 'zod'
import { until } from '../support/until.ts'

const run = promisify(execFile)
const directory = await mkdtemp(join(tmpdir(), 'npm-start-'))
const readyFile = join(directory, 'ready.json')
const readySystem = z.object({
  api: z.url(),
  apiMetrics: z.url(),
  consumerMetrics: z.url(),
  evolution: z.url(),
  kafka: z.string(),
  mongo: z.string(),
  admin: z.object({ email: z.email(), password: z.string() }),
})
const accepted = z.object({ id: z.string(), status: z.literal('accepted') })

// The servers of the other tests would be taken for given ones.
const { KAFKA_BROKERS: _kafka, MONGO_URL: _mongo, ...ownEnv } = process.env
const env = { ...ownEnv, SANDBOX_DIR: directory }
const started: ChildProcess[] = []

after(async () => {
  for (const child of started) child.kill('SIGKILL')
  await rm(directory, { recursive: true, force: true })
})

test('the command that is shown sends a message that is read, Ctrl-C leaves nothing behind, and the data stay, also on another port', async () => {
  const first = await start()
  const id = await sendUntilRead(first)

  assert.match(await outputOfSecondStart(), /runs here already/)
  assert.match(await outputOfReset(), /Stop it first/)
  const processes = await childrenOf(first.child)
  assert.equal(processes.length, 5)
  assert.equal(await first.stop(), 0)
  for (const identity of processes) assert.equal(await isRunning(identity), false, `${identity.pid} still runs`)
  assert.equal(existsSync(readyFile), false)

  const second = await start({ PORT: '0' })
  assert.deepEqual({ ...second.system, api: first.system.api }, first.system)
  assert.notEqual(second.system.api, first.system.api)
  assert.equal(await statusOf(second.system, id), 'read')
  await sendUntilRead(second)
  assert.equal(await second.stop(), 0)

  assert.match(await outputOfReset(), /gone/)
  assert.equal(existsSync(directory), false)
})

type Started = Awaited<ReturnType<typeof start>>

/** Runs the command that npm start shows, and follows the message. */
async function sendUntilRead({ system, command }: Started): Promise<string> {
  const { stdout } = await run('sh', ['-c', await command()])
  const { id } = accepted.parse(JSON.parse(stdout))
  await until(`message ${id} is read`, async () => ((await statusOf(system, id)) === 'read' ? true : undefined))
  return id
}

async function start(settings: NodeJS.ProcessEnv = {}) {
  const child = spawn(process.execPath, [...process.execArgv, 'sandbox/start.ts'], {
    env: { ...env, ...settings },
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
  return {
    child,
    system: readySystem.parse(JSON.parse(text)),
    command: () =>
      until('the command is shown', async () => /^curl .+$/m.exec(stripVTControlCharacters(output))?.[0], {
        timeoutMs: 5000,
      }),
    async stop(): Promise<number | null> {
      child.kill('SIGINT')
      await once(child, 'exit')
      return child.exitCode
    },
  }
}

async function statusOf({ api, admin }: z.infer<typeof readySystem>, id: string): Promise<string> {
  const login = await fetch(`${api}/user/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(admin),
  })
  const { access_token: token } = z.object({ access_token: z.string() }).parse(await login.json())
  const response = await fetch(`${api}/v1/messages/${id}`, { headers: { authorization: `Bearer ${token}` } })
  return z.object({ status: z.string() }).parse(await response.json()).status
}

function outputOfSecondStart(): Promise<string> {
  return outputOf('sandbox/start.ts')
}

function outputOfReset(): Promise<string> {
  return outputOf('sandbox/reset.ts')
}

async function outputOf(program: string): Promise<string> {
  const child = spawn(process.execPath, [...process.execArgv, program], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const chunks = await Promise.all([child.stdout, child.stderr].map((stream) => stream.toArray()))
  return chunks.flat().join('')
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
