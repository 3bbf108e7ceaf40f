import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { Registry } from 'prom-client'
import { startTraceCollector, type TraceCollector, taken } from '../../../tests/support/trace-collector.ts'
import { createRegistry, createTracing, createTracingEvents, type Logger, type Tracing } from '../src/index.ts'

const PARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
const SPAN = { name: 'step', kind: 'client', parent: PARENT, startedAt: 1000, endedAt: 2000 } as const

/** Takes posts, or does with them what a test says. */
let collector: TraceCollector
let lines: string[]
let registry: Registry
let tracing: Tracing | undefined

beforeEach(async () => {
  collector = await startTraceCollector()
  lines = []
  registry = createRegistry({ service: 'test' })
})
afterEach(async () => {
  await tracing?.stop?.()
  await collector.close()
})

test('what waits is posted at the stop, with the headers that the collector wants', async () => {
  tracing = await connected({ headers: { authorization: 'Bearer key' } })
  for (let i = 0; i < 1000; i++) tracing.record(SPAN)
  await tracing.stop?.()
  assert.deepEqual(
    collector.headers().map(({ authorization }) => authorization),
    ['Bearer key', 'Bearer key'],
  )
  for (const body of collector.bytes()) {
    assert.ok(body.includes('a-service'), 'of whom it is')
    assert.ok(body.includes(Buffer.from('0af7651916cd43dd8448eb211c80319c', 'hex')), 'the trace')
  }
  assert.deepEqual([await dropped(), lines], [{ 'queue-full': 0, 'not-taken': 0 }, []])
})

test('of spans that nobody takes a bounded number is kept: the rest is dropped and counted', async () => {
  collector.answerWith(() => {})
  tracing = await connected()
  for (let i = 0; i < 20_000; i++) tracing.record(SPAN)
  assert.equal((await dropped())['queue-full'], 20_000 - 4096)
})

test('a stop does not wait for a collector that hangs, and never fails', async () => {
  collector.answerWith(() => {})
  tracing = await connected()
  for (let i = 0; i < 2000; i++) tracing.record(SPAN)
  const startedAt = performance.now()
  await tracing.stop?.()
  const tookMs = performance.now() - startedAt
  assert.ok(tookMs < 4000, `${tookMs} ms`)
})

test('a collector that is away is told of once, and once when it is back; what it did not take is counted', async () => {
  collector.answerWith((res) => res.writeHead(500).end('no'))
  tracing = await connected()
  for (let batch = 1; batch <= 3; batch++) {
    tracing.record(SPAN)
    await until(async () => (await dropped())['not-taken'] === batch)
  }
  assert.deepEqual(lines, ['warn the collector takes no traces'])
  collector.answerWith(taken)
  tracing.record(SPAN)
  await until(async () => lines.length === 2)
  assert.deepEqual(lines, ['warn the collector takes no traces', 'info the collector takes traces again'])
  assert.equal((await dropped())['not-taken'], 3)
})

test('without an endpoint nothing of the OpenTelemetry SDK is loaded; with one it is', async () => {
  // prom-client brings the API of OpenTelemetry, which is a few constants.
  const program = `
    import { registerHooks } from 'node:module'
    const loaded = new Set()
    registerHooks({ load: (url, context, next) => (loaded.add(/@opentelemetry.(?!api.)/.test(url)), next(url, context)) })
    const runtime = await import(process.argv[1])
    const logger = runtime.createLogger({ service: 'test', level: 'silent' })
    const events = runtime.createTracingEvents(logger, runtime.createRegistry({ service: 'test' }))
    const off = await runtime.createTracing(undefined, events)
    const whenOff = loaded.has(true)
    const config = { url: 'http://127.0.0.1:1/v1/traces', headers: {}, serviceName: 'test', samplingRatio: 1 }
    const on = await runtime.createTracing(config, events)
    console.log(JSON.stringify([off === undefined, whenOff, on !== undefined, loaded.has(true)]))
  `
  const main = join(import.meta.dirname, '..', 'src', 'index.ts')
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program, main])
  assert.deepEqual(JSON.parse(stdout), [true, false, true, true])
})

async function connected(o: Readonly<{ headers?: Readonly<Record<string, string>> }> = {}): Promise<Tracing> {
  const config = { url: `${collector.url}/v1/traces`, headers: {}, serviceName: 'a-service', samplingRatio: 1, ...o }
  const made = await createTracing(config, createTracingEvents(logger(), registry))
  assert.ok(made)
  return made
}

function logger(): Pick<Logger, 'info' | 'warn'> {
  return {
    info: (...args: unknown[]) => void lines.push(`info ${String(args.at(-1))}`),
    warn: (...args: unknown[]) => void lines.push(`warn ${String(args.at(-1))}`),
  }
}

async function dropped(): Promise<Record<string, number>> {
  const counts = (await registry.getSingleMetric('whatsapp_spans_dropped_total')?.get())?.values ?? []
  return Object.fromEntries(counts.map(({ labels, value }) => [String(labels['reason']), value]))
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (const deadline = performance.now() + 30_000; !(await isSo()); await wait(20)) {
    assert.ok(performance.now() < deadline, 'it never came')
  }
}
