import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { glob, readFile } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { until } from '@whatsapp-sender/sandbox/process/until'
import { z } from 'zod'
import { createSandboxFolder, type Started, statusOf } from '../start/run-npm-start.ts'
import { blocksOf, commandsOf } from './markdown.ts'
import { root } from './pages.ts'

// The servers of the other tests would be taken for given ones.
const { KAFKA_BROKERS: _kafka, MONGO_URL: _mongo, ...env } = process.env
const folder = await createSandboxFolder(env)
let started: Started
before(async () => {
  started = await folder.start({ PORT: '0', SANDBOX_PORT: '0' })
})
after(() => folder.remove())

const READMES = ['README.md', 'README.pt-BR.md'] as const

/** What is not run here, and why. What it names has to exist all the same. */
const NOT_RUN: readonly (readonly [command: RegExp, reason: string])[] = [
  [/^npm start( -- --observe)?$/, 'it is what this test talks to; tests/start/observe.test.ts runs the other one'],
  [/^npm test( -- \w+)?$/, 'it would run this test again'],
  [/^npm run test:all$/, 'it would run this test again'],
  [/^npm run test:faults$/, 'all faults take a quarter of an hour'],
  [/^npm run test:contract$/, 'it installs a program from PyPI, and calls for minutes'],
  [/^npm run verify$/, 'it takes minutes, and whoever changes something runs it'],
  [/^npm run bench -- \w+$/, 'a bench takes minutes and wants the machine for itself'],
  [/^npm run secrets$/, 'it writes .env into the clone; tests/containers runs it elsewhere'],
  [/^helm install /, 'it needs a cluster; tests/kubernetes/helm.test.ts installs the chart in one'],
  [/^docker compose /, 'it needs Docker, and images from the internet'],
]

test('both READMEs have the same commands, apart from what people write', async () => {
  const [english, portuguese] = await Promise.all(
    READMES.map(async (file) => (await commandsIn(file)).map(withoutWords)),
  )
  assert.ok(english !== undefined && english.length > 20)
  assert.deepEqual(portuguese, english)
})

for (const file of READMES) {
  test(`what ${file} tells to type sends a message that is read, and takes over a phone of the older system`, async () => {
    const typed = (await commandsIn(file)).filter((command) => NOT_RUN.every(([pattern]) => !pattern.test(command)))
    const adopted = /"name": "(\w+)", "adopt": true/.exec(typed.join('\n'))?.[1] ?? assert.fail('nothing is adopted')
    await createAtEvolution(adopted)
    const answers = await typeIn(typed)

    const approved = answers.find(({ command }) => command.includes('"approved"'))
    assert.equal(z.object({ status: z.string() }).parse(approved?.json).status, 'approved')
    const instances = answers.filter(({ command }) => command.includes('/v1/instances '))
    assert.deepEqual(
      instances.map(({ json }) => z.object({ state: z.string() }).parse(json).state),
      ['open', 'open'],
    )
    const followed = answers.find(({ command }) => command.includes('/v1/messages/$id'))
    const message = z.object({ id: z.string(), text: z.string() }).parse(followed?.json)
    assert.match(message.text, /^Olá! /)
    const older = answers.find(({ command }) => command.includes('/whatsappsender/message'))
    const { messageId } = z.object({ messageId: z.string() }).parse(older?.json)
    await becomesRead(messageId)
    const token = answers.find(({ command }) => command === 'echo "$token"')?.output ?? ''
    await until('the first message is read', async () => {
      const response = await fetch(`${started.system.api}/v1/messages/${message.id}`, {
        headers: { authorization: `Bearer ${token}` },
      })
      return z.object({ status: z.string() }).parse(await response.json()).status === 'read' ? true : undefined
    })
  })
}

test('what is not run names scripts, benches and tests that exist', async () => {
  const Package = z.object({ scripts: z.record(z.string(), z.string()) })
  const { scripts } = Package.parse(JSON.parse(await readFile(join(root, 'package.json'), 'utf8')))
  const benches = await readFile(join(root, 'bench/main.ts'), 'utf8')
  for (const command of await commandsIn('README.md')) {
    const [, script, argument] = /^npm (?:run )?([\w:]+)(?: -- (\w+))?$/.exec(command) ?? []
    if (script !== undefined) assert.ok(script in scripts, `${command}: there is no script ${script}`)
    if (script === 'bench') assert.match(benches, new RegExp(`^ {2}${argument}: `, 'm'), command)
    if (script === 'test' && argument !== undefined) assert.ok(await isInATestPath(argument), command)
    if (command.startsWith('docker compose')) assert.ok(existsSync(join(root, 'compose.yaml')))
  }
})

async function commandsIn(file: string): Promise<readonly string[]> {
  const page = await readFile(join(root, file), 'utf8')
  return blocksOf(page)
    .filter(({ language }) => language === 'sh')
    .flatMap(commandsOf)
}

/** Names, passwords and texts are of the page's language. */
function withoutWords(command: string): string {
  return command
    .replaceAll(/(\\?": \\?)"(?!\$|approved)[^"]*"/g, '$1"…"')
    .replace(/idempotency-key: [\w-]+/, 'idempotency-key: …')
}

type Typed = Readonly<{ command: string; output: string; json: unknown }>

/** Types the commands into one shell, one after the other, and stops at the first that fails. */
async function typeIn(commands: readonly string[]): Promise<readonly Typed[]> {
  const typed = [...commands, 'echo "$token"'].map((command) =>
    command.replace('./.sandbox/ready.json', folder.readyFile),
  )
  const END = '\u001E'
  const script = ['set -euo pipefail', ...typed.flatMap((command) => [command, `printf '${END}'`])].join('\n')
  const path = [dirname(process.execPath), process.env['PATH']].join(delimiter)
  const { stdout } = await promisify(execFile)('bash', ['-c', script], {
    env: { ...env, PATH: path, SANDBOX_DIR: folder.directory },
    cwd: root,
  })
  const outputs = stdout.split(END)
  return [...commands, 'echo "$token"'].map((command, n) => {
    const output = outputs[n]?.trim() ?? ''
    const json: unknown = output.startsWith('{') ? JSON.parse(output) : undefined
    return { command, output, json }
  })
}

async function becomesRead(id: string): Promise<void> {
  await until(`${id} is read`, async () => ((await statusOf(started.system, id)) === 'read' ? true : undefined))
}

/** A phone that is connected there, of which this system knows nothing. */
async function createAtEvolution(instanceName: string): Promise<void> {
  const secrets = JSON.parse(await readFile(join(folder.directory, 'secrets.json'), 'utf8'))
  const { AUTHENTICATION_API_KEY: apikey } = z.object({ AUTHENTICATION_API_KEY: z.string() }).parse(secrets)
  const response = await fetch(`${started.system.evolution}/instance/create`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', apikey },
    body: JSON.stringify({ instanceName, integration: 'WHATSAPP-BAILEYS' }),
  })
  assert.equal(response.status, 201, await response.text())
}

async function isInATestPath(part: string): Promise<boolean> {
  for await (const path of glob('{packages,services,sandbox,bench,tests}/**/*.test.ts', { cwd: root })) {
    if (!path.includes('node_modules') && path.includes(part)) return true
  }
  return false
}
