import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { helpText, readCommandLine } from './command-line.ts'
import { sandboxEnv } from './sandbox-env.ts'

test('without flags and variables it runs alone: loopback, port 8080, a key that everybody may know', () => {
  const command = readCommandLine([], {})
  assert.equal(command.kind, 'run')
  assert.deepEqual(command.kind === 'run' && command.settings.options, {
    host: '127.0.0.1',
    port: 8080,
    apiKey: 'sandbox',
    autoOpen: false,
    latencyMs: 0,
    latencyJitterMs: 0,
    stateDir: undefined,
    timeScale: 1,
    deliveredAfterMs: 300,
    readAfterMs: 900,
    allowedHosts: [],
  })
})

test('a flag wins over its variable, and an empty variable is none', () => {
  const env = { SANDBOX_PORT: '9000', AUTHENTICATION_API_KEY: '', SANDBOX_AUTO_OPEN: 'false' }
  const command = readCommandLine(['--port', '0', '--auto-open', '--allowed-hosts', 'a, b'], env)
  assert.equal(command.kind, 'run')
  if (command.kind !== 'run') return
  const { port, autoOpen, apiKey, allowedHosts } = command.settings.options
  assert.deepEqual([port, autoOpen, apiKey, allowedHosts], [0, true, 'sandbox', ['a', 'b']])
  assert.equal(command.settings.keyIsGiven, false)
})

test('where others can reach it, it wants a key of its own', () => {
  assert.deepEqual(readCommandLine(['--host', '0.0.0.0'], {}), {
    kind: 'faults',
    faults: ['--key (AUTHENTICATION_API_KEY) is required where others can reach the sandbox (HOST is 0.0.0.0)'],
  })
  assert.equal(readCommandLine(['--host', '0.0.0.0', '--key', 'k'], {}).kind, 'run')
})

test('its key may lie in a file, and one that cannot be read is a fault', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'sandbox-key-'))
  t.after(() => rm(folder, { recursive: true }))
  const file = join(folder, 'key')
  await writeFile(file, 'of a file\n')
  const command = readCommandLine(['--host', '0.0.0.0'], { AUTHENTICATION_API_KEY_FILE: file })
  assert.equal(command.kind === 'run' && command.settings.options.apiKey, 'of a file')
  assert.equal(readCommandLine([], { AUTHENTICATION_API_KEY_FILE: join(folder, 'none') }).kind, 'faults')
  assert.equal(readCommandLine(['--key', 'k'], { AUTHENTICATION_API_KEY_FILE: file }).kind, 'faults')
})

test('all faults are told at once, by flag and variable', () => {
  const command = readCommandLine(['--port', 'x', '--time-scale', '1x', '--latency', '9999999'], {})
  assert.deepEqual(command.kind === 'faults' && command.faults.map((fault) => fault.split(' ')[0]), [
    '--port',
    '--latency',
    '--time-scale',
  ])
})

test('a flag that does not exist is told', () => {
  assert.deepEqual(readCommandLine(['--prot'], {}), { kind: 'faults', faults: ["Unknown option '--prot'"] })
})

test('the help names every variable', () => {
  assert.equal(readCommandLine(['--help'], {}).kind, 'help')
  const help = helpText()
  for (const variable of Object.keys(sandboxEnv.shape)) assert.ok(help.includes(variable), variable)
})
