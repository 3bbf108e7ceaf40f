import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { dataOf } from '@whatsapp-sender/client'
import { findFreePort } from '@whatsapp-sender/sandbox/process/free-port'
import type { RunningProcess } from '@whatsapp-sender/sandbox/process/running-process'
import { until } from '@whatsapp-sender/sandbox/process/until'
import { startProgram } from '../support/processes.ts'
import { startPrometheus, whyNoPrometheus } from '../support/prometheus.ts'
import { type System, startSystem } from '../support/system.ts'

const CANARY = 'canary'
const RECIPIENT = '+5511999991000'
const STAGES = ['accepted', 'sent', 'delivered', 'read']

let system: System
let logDir: string
let metricsPort: number
let canary: RunningProcess
before(async () => {
  system = await startSystem()
  await system.admin.createInstance(CANARY)
  const scopes = ['messages:send', 'messages:read'] as const
  const { key } = await dataOf(system.admin.api.POST('/v1/api-keys', { body: { name: CANARY, scopes: [...scopes] } }))
  logDir = await mkdtemp(join(tmpdir(), 'canary-'))
  metricsPort = await findFreePort()
  canary = await startProgram({
    name: CANARY,
    main: 'services/canary/src/main.ts',
    logDir,
    readyUrl: `http://127.0.0.1:${metricsPort}/readyz`,
    env: {
      METRICS_PORT: String(metricsPort),
      API_URL: system.apiUrl,
      API_KEY: key,
      CANARY_INSTANCE: CANARY,
      CANARY_RECIPIENT: RECIPIENT,
      CANARY_INTERVAL_SECONDS: '1',
      CANARY_PATIENCE_SECONDS: '4',
      CANARY_UNTIL: 'read',
    },
  })
})
after(async () => {
  await canary.stop()
  await system.stop()
  await rm(logDir, { recursive: true })
})

test('a canary goes the whole way through Evolution to the two blue ticks, and each part of the way is timed', async () => {
  await until('three have arrived', async () => ((await countOf('arrived')) >= 3 ? true : undefined))
  const text = await metrics()
  for (const status of STAGES) {
    const of = (part: string) =>
      sampleOf(text, `whatsapp_canary_duration_seconds_${part}{service="canary",status="${status}"}`)
    assert.ok(of('count') >= 3, status)
    assert.ok(of('sum') > 0, status)
  }
  const sent = await atPhone()
  assert.ok(sent.every(({ content }) => content.startsWith('Canary 20')))
})

test('a canary whose messages do not arrive raises the alarm, lets none gather, and ends the alarm when they arrive', {
  skip: whyNoPrometheus(),
}, async () => {
  const prometheus = await startPrometheus(() => [`127.0.0.1:${metricsPort}`])
  try {
    await pause(true)
    const [before, counted] = [(await atPhone()).length, await countOf('arrived')]
    await prometheus.statesUntil('WhatsAppCanaryFailing', 'firing')
    assert.ok((await countOf('late')) >= 3)
    const waiting = await system.store.db.collection('messages').countDocuments({ status: 'queued', instance: CANARY })
    assert.ok(waiting <= 2, `${waiting} wait: the one that is followed, and one that is about to expire`)
    await pause(false)
    await prometheus.statesUntil('WhatsAppCanaryFailing', undefined)
    const followed = (await countOf('arrived')) - counted
    const came = (await atPhone()).length - before
    assert.ok(came <= followed + 1, `${came} came after the pause, of which the canary knows ${followed}`)
  } finally {
    await prometheus.stop()
  }
})

test('it tells an API that is away from one that refuses, and goes on by itself', async () => {
  const unreachable = await countOf('unreachable')
  await system.api().stop()
  await until('nobody answers', async () => ((await countOf('unreachable')) > unreachable ? true : undefined))
  await system.startApi()
  const arrived = await countOf('arrived')
  await until('one arrives again', async () => ((await countOf('arrived')) > arrived ? true : undefined))

  await dataOf(system.admin.api.DELETE('/v1/instances/{name}', { params: { path: { name: CANARY } } }))
  await until('it is refused', async () => ((await countOf('refused')) > 0 ? true : undefined))
  assert.match(await canary.lastLines(20), /"httpStatus":404,"code":"instance-not-found"/)
})

test('it logs no number, no text and no key', async () => {
  const lines = await canary.lastLines(10_000)
  for (const secret of [RECIPIENT.slice(1), 'Canary 20', 'wsk_']) assert.ok(!lines.includes(secret), secret)
})

test('it ends at once when it is told to, also while it waits', async () => {
  const startedAt = performance.now()
  assert.deepEqual(await canary.stop(), { code: 0, signal: null })
  assert.ok(performance.now() - startedAt < 3000)
})

const metrics = async (): Promise<string> => await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text()
const countOf = async (outcome: string) =>
  sampleOf(await metrics(), `whatsapp_canary_messages_total{outcome="${outcome}",service="canary"}`)
const atPhone = () => system.gateway.journalOf(CANARY)
const pause = async (paused: boolean) => {
  const path = { name: CANARY }
  await dataOf(system.admin.api.PATCH('/v1/instances/{name}', { params: { path }, body: { paused } }))
}

function sampleOf(metrics: string, series: string): number {
  const line = metrics.split('\n').find((each) => each.startsWith(`${series} `))
  return Number(line?.slice(series.length + 1) ?? Number.NaN)
}
