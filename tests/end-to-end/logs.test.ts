import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { until } from '@whatsapp-sender/sandbox/process/until'
import { type FaultProxy, startFaultProxy } from '../faults/support/fault-proxy.ts'
import { untilQuiet } from '../support/all-sent.ts'
import { type System, startSystem } from '../support/system.ts'

const MESSAGES = 200

let system: System
let database: FaultProxy
let logDir: string
before(async () => {
  logDir = await mkdtemp(join(tmpdir(), 'logs-'))
  database = await startFaultProxy(portOf(process.env['MONGO_URL'] ?? ''))
  system = await startSystem({
    env: {
      // The driver must not look for members: it would find the way past the proxy.
      MONGO_URL: `mongodb://${database.address}/?directConnection=true`,
      LOG_DIR: logDir,
    },
  })
  await system.admin.createInstance('sales')
})
after(async () => {
  await system?.stop()
  await database?.close()
  await rm(logDir, { recursive: true })
})

test('each message that is sent has one line, in both places, and lines on one recipient can be joined', async () => {
  const numbers = ['+5511988881000', '+5511988881000', '+5511977771000']
  const ids: string[] = []
  for (const to of numbers) ids.push((await system.admin.send('sales', to, 'what nobody may read')).body.id)
  for (const id of ids) await system.admin.follow(id, ['sent', 'delivered', 'read'])
  const sent = await until('they have their lines', async () => {
    const lines = (await linesOf('consumer-1')).filter(({ msg }) => msg === 'message sent')
    return lines.length >= ids.length ? lines : undefined
  })
  assert.deepEqual(new Set(sent.map(({ messageId }) => messageId)), new Set(ids))
  assert.equal(sent.length, ids.length)
  assert.deepEqual(new Set(sent.map(({ to }) => to)), new Set(['…1000']))
  const hashes = numbers.map((_, n) => sent.find(({ messageId }) => messageId === ids[n])?.['toHash'])
  assert.equal(new Set(hashes).size, 2)
  const file = await readFile(join(logDir, 'consumer.log'), 'utf8')
  for (const { messageId } of sent) assert.equal(file.split(`"messageId":"${String(messageId)}"`).length, 2)
  assert.doesNotMatch(file, /nobody may read|98888|97777/)
})

test('a process that runs says more on SIGUSR2, until the next', async () => {
  const { pid } = system.api()
  const ask = async (requestId: string) => {
    await system.admin.call('GET', '/v1/instances', undefined, { 'request-id': requestId })
  }
  const heard = async (phrase: string) => (await linesOf('api')).filter(({ msg }) => msg === phrase).length
  await ask('before')
  process.kill(pid, 'SIGUSR2')
  await until('it has heard it', async () => (await heard('log level raised')) === 1 || undefined)
  await ask('raised')
  process.kill(pid, 'SIGUSR2')
  await until('it has heard it again', async () => (await heard('log level is as configured again')) === 1 || undefined)
  await ask('after')
  const requests = (await linesOf('api')).filter(({ msg }) => msg === 'request finished')
  assert.deepEqual(
    requests.map(({ requestId }) => requestId).filter((id) => ['before', 'raised', 'after'].includes(String(id))),
    ['raised'],
  )
})

test('a consumer without its database counts what fails, and does not write a line for each', async (t) => {
  await system.gateway.program('*', { delayMs: 300 })
  const messages = Array.from({ length: MESSAGES }, (_, n) => ({ to: `+55119888${10_000 + n}`, text: `to ${n}` }))
  const batch = await system.admin.call('POST', '/v1/messages/batch', { instance: 'sales', messages })
  assert.equal(batch.status, 202)
  await until('some have left', async () => (await system.gateway.sent()) > 10 || undefined)
  const before = await linesOf('consumer-1')
  const failedBefore = await failures()
  database.order({ refuses: true })
  database.resetAll()
  const enough = async () => {
    const count = (await failures()) - failedBefore
    return count >= 40 ? count : undefined
  }
  const failed = await until('forty steps have failed', enough, { timeoutMs: 180_000 })
  const lines = (await linesOf('consumer-1')).slice(before.length).filter(({ msg }) => msg !== 'message sent')
  t.diagnostic(`${failed} steps failed, ${lines.length} lines`)
  assert.ok(lines.length > 0 && lines.length <= 10, `${lines.length} lines`)
  database.order({})
  await system.gateway.program('*', {})
  await untilQuiet(system, [])
})

async function failures(): Promise<number> {
  const consumer = system.programs().find(({ name }) => name === 'consumer-1')
  const metrics = await (await fetch(new URL('/metrics', consumer?.readyUrl))).text()
  return Number(/^whatsapp_consumer_errors_total\{.*\} (\d+)$/m.exec(metrics)?.[1])
}

async function linesOf(program: string): Promise<Record<string, unknown>[]> {
  const text = await system
    .programs()
    .find(({ name }) => name === program)
    ?.lastLines(Number.MAX_SAFE_INTEGER)
  return (text ?? '').split('\n').flatMap((line) => (line.startsWith('{') ? [Object(JSON.parse(line))] : []))
}

function portOf(url: string): number {
  return Number(/:(\d+)/.exec(url.replace('mongodb://', ''))?.[1])
}
