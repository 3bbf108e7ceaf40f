import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { until } from '@whatsapp-sender/sandbox/process/until'
import { clientOf } from '../../services/api/tests/client.ts'
import { createDocumentedCalls, type DocumentedCalls } from '../../services/api/tests/documented-calls.ts'
import { callEveryOperation } from '../../services/api/tests/every-operation.ts'
import { untilQuiet } from '../support/all-sent.ts'
import { createCanary } from '../support/canary.ts'
import { failSends } from '../support/canary-failures.ts'
import { poisonTopics, refuseRequests, sendRawRequests } from '../support/canary-refusals.ts'
import { startEchoingReceiver } from '../support/echoing-receiver.ts'
import { listedLines } from '../support/logs-page.ts'
import { startRefusingMailServer } from '../support/refusing-mail-server.ts'
import { type System, startSystem } from '../support/system.ts'
import { startTraceCollector, type TraceCollector } from '../support/trace-collector.ts'

const PASSWORD = 'tiny horse eats 9 pears'

const canary = createCanary()
const secretOf = () => `${canary.word}${randomBytes(24).toString('hex')}`
let logDir: string
let system: System
let collector: TraceCollector
let mailServer: Awaited<ReturnType<typeof startRefusingMailServer>>
let receiver: Awaited<ReturnType<typeof startEchoingReceiver>>
let documented: DocumentedCalls
let admin: ReturnType<typeof clientOf>

before(async () => {
  logDir = await mkdtemp(join(tmpdir(), 'canary-'))
  ;[collector, mailServer, receiver] = await Promise.all([
    startTraceCollector(),
    startRefusingMailServer(),
    startEchoingReceiver(),
  ])
  system = await startSystem({
    consumers: 0,
    env: {
      LOG_LEVEL: 'trace',
      LOG_DIR: logDir,
      SECRET_KEY: secretOf(),
      AUTHENTICATION_API_KEY: secretOf(),
      OUTGOING_PRIVATE_NETWORKS: '127.0.0.0/8',
      ATTEMPTS_MAX: '2',
      RETRY_BASE_MS: '50',
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    },
    apiEnv: {
      JWT_SECRET: secretOf(),
      SMTP_URL: `smtp://mailer:${canary.word}@127.0.0.1:${mailServer.port}`,
      MAIL_FROM: `${canary.word}@example.com`,
    },
    consumerEnv: { EVOLUTION_TIMEOUT_MS: '2000', AMBIGUOUS_SETTLE_MS: '500' },
    gatewayEnv: { SANDBOX_DELIVERED_AFTER_MS: '50', SANDBOX_READ_AFTER_MS: '100' },
  })
  documented = await createDocumentedCalls(system.apiUrl, {
    alterBody: canary.alterBody,
    alterText: canary.alterText,
    onAnswer: canary.learn,
    headersOf: ({ parameters }) =>
      JSON.stringify(parameters).includes('IdempotencyKey')
        ? { 'idempotency-key': `${canary.word}-${randomBytes(4).toString('hex')}` }
        : {},
  })
  admin = await logIn(system.adminAccount.email, system.adminAccount.password)
})
after(async () => {
  await system?.stop()
  await Promise.all([collector?.close(), mailServer?.stop(), receiver?.stop()])
  await rm(logDir, { recursive: true })
})

test('every operation takes the canary where a person or a program writes something', async () => {
  const { store, gateway } = system
  const user = async (email: string) => {
    const account = {
      email: canary.alterText(email),
      fullname: `Bob ${canary.word}`,
      password: canary.alterText(PASSWORD),
    }
    const { body } = await clientOf(system.apiUrl).post('/user/signup', account)
    await admin.patch(`/v1/users/${String(body['id'])}`, { status: 'approved' })
  }
  const known = {
    store,
    evolution: gateway,
    admin,
    logIn: (email: string, password: string) => logIn(canary.alterText(email), canary.alterText(password)),
    user,
  }
  await callEveryOperation(known, documented)
})

test('every refusal is given to requests that hold the canary', async () => {
  const seen = await refuseRequests({ documented, canary, token: String(admin.token), url: system.apiUrl })
  for (const status of [400, 401, 403, 404, 405, 409, 413, 415, 422, 429]) assert.ok(seen.has(status), `no ${status}`)
  await sendRawRequests(system.apiUrl, canary.word)
})

test('mail of the canary is refused with the canary', async () => {
  const { status } = await clientOf(system.apiUrl).post('/user/password-forgotten', {
    email: canary.alterText('bob@example.com'),
  })
  assert.equal(status, 202)
  await until('the mail server has refused it for good', async () => {
    const said = await system.api().lastLines(Number.MAX_SAFE_INTEGER)
    return said.includes('"mail not sent"') || undefined
  })
  assert.ok(mailServer.asked() > 1)
})

test('messages of the canary fail in every way', async () => {
  const hook = { url: receiver.addressOf(canary.word), description: canary.word }
  assert.equal((await admin.post('/v1/webhooks', hook)).status, 201)
  await poisonTopics(system, canary)
  await system.startConsumer()
  await admin.post('/v1/instances', { name: 'kinds' })
  await documented.call('sendMessage', { token: admin.token, withBody: { instance: 'kinds' } })
  await failSends(system, canary)
  await until('a webhook has answered with the canary', () => receiver.answered() > 0 || undefined)
  // What a person would have to bring further waits until he does.
  await admin.post('/v1/messages/cancel', { all: true })
  await untilQuiet(system, [])
})

test('no log line, no metric and no span of any process holds the canary', async (t) => {
  canary.learn({ secret: system.evolutionKey, adminSecret: system.adminAccount.password })
  const metrics = await Promise.all(
    system.programs().map(async ({ readyUrl }) => (await fetch(new URL('/metrics', readyUrl))).text()),
  )
  for (const { stop } of system.programs()) await stop()
  const said = await Promise.all(
    system.programs().map(async ({ name, lastLines }) => ({ name, text: await lastLines(Number.MAX_SAFE_INTEGER) })),
  )
  const files = await Promise.all(
    (await readdir(logDir)).map(async (name) => ({ name, text: await readFile(join(logDir, name), 'utf8') })),
  )
  assert.deepEqual(files.map(({ name }) => name).sort(), ['consumer.log', 'logs_whatsappsenderserver.log'])
  const ours = [...said, ...files].filter(({ name }) => name !== 'gateway')
  const lines = ours.flatMap(({ text }) => text.split('\n').filter((line) => line !== ''))
  t.diagnostic(`${lines.length} lines, ${metrics.length} processes, ${collector.spans().length} spans`)
  assert.ok(lines.length > 2000 && collector.spans().length > 50)
  assert.deepEqual(leaksOf(lines), [])
  assert.deepEqual(leaksOf(metrics.flatMap((text) => text.split('\n'))), [])
  assert.deepEqual(leaksOf(collector.bytes().map((bytes) => bytes.toString('utf8'))), [])
  assertListed(lines)
  assertOutcomes(lines)
})

/** Each once, without what makes every line another. */
function leaksOf(texts: readonly string[]): string[] {
  return [...new Set(texts.filter((text) => canary.isIn(text)).flatMap((text) => canary.findIn(text)))].slice(0, 20)
}

/** A line of which docs/logs.md does not know its phrase or one of its fields is a fault of the page. */
function assertListed(lines: readonly string[]): void {
  const listed = listedLines()
  const faults = new Set<string>()
  for (const line of lines) {
    const { level, time: _time, service, msg, err: _err, repeated: _repeated, ...facts } = fieldsOf(line)
    const known = listed.find((each) => each.phrase === msg && each.services.includes(service))
    if (known === undefined) {
      faults.add(`${service}: ${msg}`)
      continue
    }
    const isAtLevel = known.levels.includes(level) || (known.isCounted && level === 'debug')
    if (!isAtLevel) faults.add(`${service}: ${msg} at ${level}`)
    for (const field of Object.keys(facts))
      if (!known.fields.includes(field)) faults.add(`${service}: ${msg}: ${field}`)
  }
  assert.deepEqual([...faults].sort(), [])
}

/** The numbers are there, as they may be: the last four digits and a hash. */
function assertOutcomes(lines: readonly string[]): void {
  const sent = lines.map(fieldsOf).filter(({ msg }) => msg === 'message sent')
  assert.ok(sent.length > 0)
  for (const { to, toHash, messageId, instance, traceId, attempt, outcome } of sent) {
    assert.match(traceId, /^[0-9a-f]{32}$/)
    assert.match(to, /^…\d{4}$/)
    assert.match(toHash, /^[0-9a-f]{16}$/)
    assert.ok(messageId && instance && attempt >= 1 && outcome === 'sent')
  }
}

/** What is no JSON was not written by the logger. */
function fieldsOf(line: string) {
  return line.startsWith('{') ? Object(JSON.parse(line)) : { service: 'a process', msg: line }
}

async function logIn(email: string, password: string) {
  const { body } = await clientOf(system.apiUrl).post('/user/login', { email, password })
  canary.learn(body)
  return clientOf(system.apiUrl, String(body['access_token']))
}
