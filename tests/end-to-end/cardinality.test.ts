import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import { dataOf } from '@whatsapp-sender/client'
import { SANDBOX_SERVER } from '@whatsapp-sender/contract'
import { until } from '@whatsapp-sender/sandbox/process/until'
import { z } from 'zod'
import { DOCUMENT_FILE } from '../../services/api/src/openapi/document-file.ts'
import { type System, startSystem } from '../support/system.ts'

const SERIES_MAX = 2000
const INSTANCES = 5000
const MESSAGES_EACH = 4
const BATCH = 500
const AT_ONCE = 20

const Document = z.object({ paths: z.record(z.string(), z.record(z.string(), z.unknown())) })

let system: System
before(async () => {
  system = await startSystem()
})
after(() => system.stop())

test('5,000 instances that send, and callers of every route, leave fewer than 2,000 series in each process', async () => {
  const { id: owner } = await dataOf(system.admin.api.GET('/v1/me'))
  const names = Array.from({ length: INSTANCES }, (_, n) => `one-of-many-${n}`)
  await eachAtOnce([...names], async (name) => {
    const facts = { name, owner, evolutionToken: randomUUID(), webhookSecretHash: '', state: 'open' } as const
    await system.store.instances.create({ ...facts, channel: 'sandbox', evolutionServer: SANDBOX_SERVER })
  })
  await until('the API knows them', async () => {
    const { status } = await system.admin.send(names.at(-1) ?? '', recipientAt(0), 'is it there')
    return status === 202 || undefined
  })
  const messages = Array.from({ length: INSTANCES * MESSAGES_EACH }, (_, n) => ({
    instance: names[n % INSTANCES],
    to: recipientAt(n),
    text: `${n}`,
  }))
  for (let at = 0; at < messages.length; at += BATCH) {
    const { status } = await system.admin.call('POST', '/v1/messages/batch', {
      messages: messages.slice(at, at + BATCH),
    })
    assert.equal(status, 202)
  }
  await callEveryRoute()
  await until(
    'all of them are sent',
    async () => {
      const sent = (await seriesOf('consumer')).find((line) => line.startsWith('whatsapp_sends_total{outcome="sent"'))
      return Number(sent?.split(' ').at(-1)) > messages.length || undefined
    },
    { timeoutMs: 240_000, everyMs: 1000 },
  )
  for (const service of ['api', 'consumer'] as const) {
    const { length } = await seriesOf(service)
    assert.ok(length > 100 && length < SERIES_MAX, `${service} has ${length} series`)
  }
})

/** Once as somebody and once as nobody; what they are answered is of no account here. */
async function callEveryRoute(): Promise<void> {
  const { paths } = Document.parse(JSON.parse(await readFile(DOCUMENT_FILE, 'utf8')))
  for (const [path, operations] of Object.entries(paths)) {
    // Streams have no end.
    if (path.endsWith('/events')) continue
    for (const method of Object.keys(operations)) {
      const address = path.replaceAll(/{\w+}/g, 'nothing')
      const body = method === 'get' || method === 'head' ? undefined : {}
      for (const client of [system.anonymous, system.admin])
        await client.call(method.toUpperCase(), address, body).catch(() => undefined)
    }
  }
}

async function eachAtOnce<T>(items: T[], work: (item: T) => Promise<void>): Promise<void> {
  const workNext = async (): Promise<void> => {
    for (let item = items.pop(); item !== undefined; item = items.pop()) await work(item)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, workNext))
}

async function seriesOf(service: 'api' | 'consumer'): Promise<string[]> {
  const program = system.programs().find(({ name }) => name.startsWith(service))
  const text = await (await fetch(new URL('/metrics', program?.readyUrl))).text()
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
}

/** None ends in a number by which the sandbox chooses a failure. */
function recipientAt(n: number): string {
  return `+55119${String(80_000_000 + Math.floor(n / 9000) * 10_000 + 1000 + (n % 9000))}`
}
