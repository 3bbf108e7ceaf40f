import assert from 'node:assert/strict'
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify, stripVTControlCharacters } from 'node:util'
import { findFreePort } from '@whatsapp-sender/sandbox/process/free-port'
import { findOnPath } from '@whatsapp-sender/sandbox/process/running-process'
import { until } from '@whatsapp-sender/sandbox/process/until'
import { type System, startSystem } from '../support/system.ts'

/** Of util-linux. */
const PSEUDO_TERMINAL = 'script'
const TOP = 'services/top/src/main.ts'
const GIVEN_BACK = '\u001b[?25h\u001b[?1049l'
const CLEARED = '\u001b[2J'
const run = promisify(execFile)

let system: System
before(async () => {
  system = await startSystem({ consumers: 2 })
})
after(() => system.stop())

test('npm run top shows once what the overview says, and is JSON when that is asked for', async () => {
  // A heartbeat tells of partitions that were assigned after the one before it.
  const stdout = await until('both consumers have told their partitions', async () => {
    const { stdout: shown } = await top(['--once'])
    return partitionsIn(shown).length === 6 ? shown : undefined
  })
  assert.deepEqual(partitionsIn(stdout), [0, 1, 2, 3, 4, 5])
  for (const part of ['Throughput', 'Longest waiting', 'Consumers', 'Topics', 'Dead letters']) {
    assert.ok(stdout.includes(part), part)
  }
  assert.equal(stdout, stripVTControlCharacters(stdout), 'colours where there is no terminal')
  const json = JSON.parse((await top(['--json'])).stdout)
  assert.equal(json.consumers.living.length, 2)
})

test('it says in one line what is wrong, and how to name an API', async () => {
  const failure = async (env: NodeJS.ProcessEnv) => await failureOf(top(['--once'], env))
  assert.deepEqual(await failure({ ...credentials(), API_PASSWORD: 'another' }), {
    code: 1,
    stderr: `the API refuses the e-mail address or the password\n`,
  })
  const away = `http://127.0.0.1:${await findFreePort()}`
  const nobody = await failure({ ...credentials(), API_URL: away })
  assert.equal(nobody.code, 1)
  assert.match(nobody.stderr, /^http:\S+: the API does not answer: .*ECONNREFUSED/)
  const nowhere = await failure({ SANDBOX_DIR: join(tmpdir(), 'nowhere') })
  assert.equal(nowhere.code, 2)
  assert.match(nowhere.stderr, /API_URL, API_EMAIL and API_PASSWORD are not set/)
})

test('in a terminal it updates itself, fits a window of another size, outlives the API and puts the terminal back', {
  skip:
    findOnPath(PSEUDO_TERMINAL, process.env['PATH'] ?? '') === undefined &&
    'there is no program "script" that makes a terminal',
}, async (t) => {
  const terminal = await openTerminal(24, 80)
  t.after(() => terminal.end())
  await until('it is drawn', () => (frames(terminal.output()).at(-1)?.includes('Consumers') ? true : undefined))
  assertFits(frames(terminal.output()).at(-1) ?? '', 24, 80)

  const drawn = frames(terminal.output()).length
  await terminal.resize(12, 60)
  await until('it is drawn anew', () => (frames(terminal.output()).length > drawn ? true : undefined))
  await until('it fits', () => (linesOf(frames(terminal.output()).at(-1) ?? '').length <= 12 ? true : undefined))
  assertFits(frames(terminal.output()).at(-1) ?? '', 12, 60)

  await system.api().stop()
  await until('it says that the API is away', () =>
    frames(terminal.output()).at(-1)?.includes('the API does not answer') ? true : undefined,
  )
  assert.match(frames(terminal.output()).at(-1) ?? '', /Throughput/, 'what it knew is gone')
  await system.startApi()
  await until('it goes on', () =>
    frames(terminal.output()).at(-1)?.includes('does not answer') === false ? true : undefined,
  )

  terminal.type('q')
  assert.equal(await terminal.ended, 0)
  assert.ok(terminal.output().includes(GIVEN_BACK), 'the cursor or the screen is not given back')
  assert.ok(!terminal.output().includes(CLEARED), 'the screen is cleared, which flickers')
})

const credentials = () => ({
  API_URL: system.apiUrl,
  API_EMAIL: system.adminAccount.email,
  API_PASSWORD: system.adminAccount.password,
})
const top = (args: readonly string[], env: NodeJS.ProcessEnv = credentials()) =>
  run(process.execPath, [TOP, ...args], { env: { PATH: process.env['PATH'], ...env } })

/** It in a pseudo terminal, whose size is as `stty` sets it. */
async function openTerminal(rows: number, columns: number) {
  const command = `tty; stty rows ${rows} cols ${columns}; exec '${process.execPath}' ${TOP} --interval 1`
  const child: ChildProcess = spawn(PSEUDO_TERMINAL, ['--quiet', '--return', '--command', command, '/dev/null'], {
    env: { PATH: process.env['PATH'], TERM: 'xterm', SHELL: '/bin/sh', ...credentials() },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout?.on('data', (chunk: Buffer) => {
    output += chunk.toString()
  })
  const ended = once(child, 'exit').then(([code]: unknown[]) => code)
  const device = await until('the terminal has a name', () => /\/dev\/\S+/.exec(output)?.[0])
  return {
    output: () => output,
    type: (keys: string) => void child.stdin?.write(keys),
    resize: async (toRows: number, toColumns: number) => {
      await run('stty', ['-F', device, 'rows', String(toRows), 'cols', String(toColumns)])
    },
    ended,
    end: () => void child.kill('SIGKILL'),
  }
}

/** What was drawn, each from its top left corner. */
function frames(output: string): readonly string[] {
  return output
    .split('\u001b[H')
    .slice(1)
    .filter((frame) => frame.includes('\u001b[J'))
}

function linesOf(frame: string): readonly string[] {
  return stripVTControlCharacters(frame.split('\u001b[J', 1)[0] ?? '').split(/\r*\n/)
}

function assertFits(frame: string, rows: number, columns: number): void {
  const lines = linesOf(frame)
  assert.ok(lines.length <= rows, `${lines.length} lines`)
  for (const line of lines) assert.ok(line.length < columns, line)
}

/** Of all consumers that are shown. */
function partitionsIn(shown: string): readonly number[] {
  return [...shown.matchAll(/^[0-9a-f]{8} +\d+ s ago +\d+ +(\d[\d,-]*)$/gm)]
    .flatMap(([, ranges = '']) => numbersIn(ranges))
    .sort((a, b) => a - b)
}

function numbersIn(ranges: string): readonly number[] {
  return ranges.split(',').flatMap((range) => {
    const [from = 0, to = from] = range.split('-').map(Number)
    return Array.from({ length: to - from + 1 }, (_, n) => from + n)
  })
}

async function failureOf(running: Promise<unknown>): Promise<Readonly<{ code: unknown; stderr: string }>> {
  const error: unknown = await running.then(
    () => assert.fail('it has not failed'),
    (reason: unknown) => reason,
  )
  const { code, stderr } = Object(error)
  return { code, stderr: String(stderr) }
}
