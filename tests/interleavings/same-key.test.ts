import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { textOf } from '@whatsapp-sender/contract'
import { findFreePort } from '@whatsapp-sender/sandbox/process/free-port'
import type { RunningProcess } from '@whatsapp-sender/sandbox/process/running-process'
import type { MessageDocument } from '@whatsapp-sender/store'
import { untilQuiet } from '../support/all-sent.ts'
import { type Client, clientOf } from '../support/client.ts'
import { startProgram } from '../support/processes.ts'
import { type System, startSystem } from '../support/system.ts'

const KEYS = 25
const secrets = {
  SECRET_KEY: randomBytes(32).toString('hex'),
  AUTHENTICATION_API_KEY: randomBytes(16).toString('hex'),
}
const jwt = { JWT_SECRET: randomBytes(32).toString('hex') }

let system: System
let pod: RunningProcess
let logDir: string
/** The same user at one API process and at another. */
let callers: readonly [Client, Client]
before(async () => {
  system = await startSystem({ consumers: 2, env: secrets, apiEnv: jwt })
  logDir = await mkdtemp(join(tmpdir(), 'pod-'))
  const port = await findFreePort(undefined, [])
  const metrics = await findFreePort(undefined, [port])
  pod = await startProgram({
    name: 'api-2',
    main: 'services/api/src/main.ts',
    readyUrl: `http://127.0.0.1:${metrics}/readyz`,
    logDir,
    env: {
      ...secrets,
      ...jwt,
      KAFKA_BROKERS: system.brokers.join(','),
      KAFKA_PREFIX: system.prefix,
      MONGO_URL: process.env['MONGO_URL'] ?? '',
      MONGO_DATABASE: system.store.db.databaseName,
      EVOLUTION_API_URL: system.gateway.url,
      PORT: String(port),
      METRICS_PORT: String(metrics),
    },
  })
  const person = { fullname: 'Ana Souza', email: 'ana@example.com', password: 'uma frase bem comprida' }
  const { body } = await system.anonymous.call<{ id: string }>('POST', '/user/signup', person)
  await system.admin.call('PATCH', `/v1/users/${body.id}`, { status: 'approved' })
  callers = [
    await system.anonymous.login(person.email, person.password),
    await clientOf(`http://127.0.0.1:${port}`).login(person.email, person.password),
  ]
  for (const name of ['one', 'other']) await callers[0].createInstance(name)
})
after(async () => {
  await pod?.stop()
  await system?.stop()
  await rm(logDir, { recursive: true, force: true })
})

test('one key, used for several bodies and instances at several API processes at once, is one message and one send', async () => {
  const ids = await Promise.all(Array.from({ length: KEYS }, (_, n) => useKey(n)))
  assert.equal(new Set(ids).size, KEYS)
  await untilQuiet(system, [])

  const rows = await system.store.db.collection<MessageDocument>('messages').find().toArray()
  assert.deepEqual(rows.map(({ _id }) => _id).sort(), ids.sort())
  const left = await system.gateway.journal()
  assert.equal(left.length, KEYS)
  for (const row of rows) assert.ok(left.some((sent) => sent.content === textOf(row) && sent.instance === row.instance))
})

/** Its message id, the same for all who were told one. */
async function useKey(n: number): Promise<string> {
  const [here, there] = callers
  const key = `key-${n}`
  const to = `+55119888870${String(n).padStart(2, '0')}`
  const answers = await Promise.all([
    here.send('one', to, `first ${n}`, { key }),
    there.send('one', to, `second ${n}`, { key }),
    there.send('one', to, `first ${n}`, { key }),
    here.send('other', to, `first ${n}`, { key }),
    there.send('other', to, `third ${n}`, { key }),
  ])
  for (const { status } of answers) assert.ok(status === 202 || status === 422, `${status}`)
  const [id, ...more] = new Set(answers.filter(({ status }) => status === 202).map(({ body }) => body.id))
  assert.deepEqual(more, [])
  return id ?? assert.fail('somebody is the first')
}

test('who was accepted and was not the first is told so', async () => {
  const rows = await system.store.db.collection<MessageDocument>('messages').find().toArray()
  const told = rows.filter(({ conflicts = [] }) => conflicts.length > 0)
  assert.ok(told.length > 0, 'of two API processes both accept, now and then')
  for (const { conflicts = [] } of told)
    assert.equal(new Set(conflicts.map(({ bodyHash }) => bodyHash)).size, conflicts.length)
})
