import assert from 'node:assert/strict'
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rename, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { isJsonObject } from './json.ts'

/** What `npx whatsapp-sandbox` runs: the packed files in an otherwise empty folder, beside their own dependencies. */

const run = promisify(execFile)
const libraries = join(import.meta.dirname, '../../node_modules')

let folder: string
let bin: string

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'whatsapp-sandbox-'))
  const built = join(folder, 'built')
  await run(process.execPath, ['--no-warnings', join(import.meta.dirname, 'build-package.ts'), built])
  await run('npm', ['pack', built, '--pack-destination', folder, '--silent', '--offline'], { cwd: folder })
  const installed = join(folder, 'node_modules')
  await mkdir(installed)
  await run('tar', ['-xzf', join(folder, 'whatsapp-sandbox-0.1.0.tgz'), '-C', installed])
  await rename(join(installed, 'package'), join(installed, 'whatsapp-sandbox'))
  const manifest: unknown = JSON.parse(await readFile(join(installed, 'whatsapp-sandbox/package.json'), 'utf8'))
  const dependencies = isJsonObject(manifest) ? manifest['dependencies'] : undefined
  for (const name of Object.keys(isJsonObject(dependencies) ? dependencies : {})) {
    await symlink(join(libraries, name), join(installed, name))
  }
  bin = join(installed, 'whatsapp-sandbox/bin/whatsapp-sandbox.mjs')
})
after(() => rm(folder, { recursive: true }))

test('it starts, tells where the phone is and which key to send, sends a message, and ends when told', async () => {
  const child = start(['--port', '0', '--auto-open'])
  try {
    const url = await urlOf(child)
    const headers = { apikey: 'sandbox', 'content-type': 'application/json' }
    const post = (path: string, body: object) =>
      fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) })
    assert.equal(
      (await post('/instance/create', { instanceName: 'mine', integration: 'WHATSAPP-BAILEYS' })).status,
      201,
    )
    assert.equal((await post('/message/sendText/mine', { number: '5511999991000', text: 'Hello' })).status, 201)
    assert.match(await (await fetch(`${url}/sandbox/view`)).text(), /"text":"Hello"/)
    assert.equal((await fetch(`${url}/phone`)).status, 200)
  } finally {
    child.kill('SIGTERM')
  }
  const [code] = await once(child, 'exit')
  assert.equal(code, 0)
})

test('a port that is taken is told in one line, without a stack trace', async () => {
  const first = start(['--port', '0'])
  try {
    const { port } = new URL(await urlOf(first))
    const second = await run(process.execPath, [bin, '--port', port]).catch((error: unknown) => error)
    assert.equal(isJsonObject(second) && second['code'], 1)
    assert.equal(
      isJsonObject(second) && second['stderr'],
      `Port ${port} is taken. Another one: --port 8081, or --port 0 for any.\n`,
    )
  } finally {
    first.kill('SIGTERM')
    await once(first, 'exit')
  }
})

test('it tells its version', async () => {
  const { stdout } = await run(process.execPath, [bin, '--version'])
  assert.equal(stdout, '0.1.0\n')
})

test('a test in JavaScript runs it inside its own process', async () => {
  const script = `
    import { createEvolutionSandbox } from 'whatsapp-sandbox'
    const sandbox = createEvolutionSandbox({ host: '127.0.0.1', port: 0, apiKey: 'k', autoOpen: true, latencyMs: 0 })
    await sandbox.start()
    console.log((await fetch(sandbox.url)).status)
    await sandbox.stop()`
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], { cwd: folder })
  assert.equal(stdout, '200\n')
})

test('the help and the faults need no server', async () => {
  const { stdout } = await run(process.execPath, [bin, '--help'])
  assert.match(stdout, /^whatsapp-sandbox: a stand-in for Evolution API/)
  const fault = await run(process.execPath, [bin, '--port', 'x']).catch((error: unknown) => error)
  assert.equal(isJsonObject(fault) && fault['code'], 1)
})

function start(args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [bin, ...args], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] })
}

async function urlOf(child: ChildProcess): Promise<string> {
  assert.ok(child.stdout)
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /Phone\s+(http:\S+)\/phone/.exec(line)?.[1]
    if (url !== undefined) {
      child.stdout.resume()
      return url
    }
  }
  throw new Error('It ended without a word')
}
