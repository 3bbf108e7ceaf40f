import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { Agent, type IncomingMessage, request } from 'node:http'
import { after, before, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { until } from '@whatsapp-sender/sandbox/process/until'
import { clientOf } from '../support/client.ts'
import { type AnotherApi, type System, startSystem } from '../support/system.ts'
import { startTcpBalancer, type TcpBalancer } from '../support/tcp-balancer.ts'

const INSTANCE = 'rolled'
const STOP_DELAY_MS = 4000
/** Each keeps one connection, and pauses so long between two requests; the longest is still below the delay. */
const PAUSES_MS = [...Array.from({ length: 12 }, () => 20), 200, 200, 1000, 1000, 2500, 2500]
/** Before and after each step, so that it happens under load. */
const FLOWING = 200

type Answered = Readonly<{ status: number | undefined; id: unknown }>

let system: System
let balancer: TcpBalancer
before(async () => {
  system = await startSystem()
  balancer = await startTcpBalancer()
})
after(async () => {
  await balancer?.stop()
  await system?.stop()
})

test('while every process of the API is replaced, clients that keep their connections see no failure and repeat nothing', async (t) => {
  const { admin, adminAccount, store } = system
  await admin.createInstance(INSTANCE)
  await admin.call('PATCH', `/v1/instances/${INSTANCE}`, { paused: true })
  let running = [await start(), await start()]
  const token = await tokenOf(adminAccount)
  const load = startLoad(token)

  await load.flows()
  for (const old of running) {
    const next = await start()
    running = [...running.filter((one) => one !== old), next]
    const ended = old.exited
    process.kill(old.pid, 'SIGTERM')
    assert.deepEqual(await ended, { code: 0, signal: null })
    await load.flows()
  }
  const { answers, failures } = await load.stop()

  assert.deepEqual(failures, [])
  assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([202]))
  const ids = new Set(answers.map(({ id }) => id))
  assert.equal(ids.size, answers.length)
  const rows = store.db.collection('messages')
  await until('all are kept', async () =>
    (await rows.countDocuments({ instance: INSTANCE })) >= ids.size ? true : undefined,
  )
  assert.equal(await rows.countDocuments({ instance: INSTANCE }), ids.size, 'nothing was posted twice')
  t.diagnostic(`${answers.length} requests on ${balancer.connections()} connections`)
  assert.ok(balancer.connections() <= PAUSES_MS.length * 4, 'connections are kept but where they are told to end')
})

async function start(): Promise<AnotherApi> {
  const api = await system.startAnotherApi({ STOP_DELAY_MS: String(STOP_DELAY_MS) })
  balancer.add(api)
  return api
}

async function tokenOf({ email, password }: System['adminAccount']): Promise<string> {
  const { body } = await clientOf(balancer.url).call<{ access_token: string }>('POST', '/user/login', {
    email,
    password,
  })
  return body.access_token
}

/** Clients that post one message after the other, each on its own connection, and try nothing again. */
function startLoad(token: string) {
  const answers: Answered[] = []
  const failures: unknown[] = []
  let isStopping = false

  async function run(pauseMs: number): Promise<void> {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    while (!isStopping) {
      try {
        answers.push(await post(agent, token))
      } catch (error) {
        failures.push(error)
      }
      await wait(pauseMs)
    }
    agent.destroy()
  }

  const clients = PAUSES_MS.map(run)
  return {
    flows: async (): Promise<void> => {
      const enough = answers.length + FLOWING
      await until('requests flow', () => (answers.length >= enough ? true : undefined))
    },
    stop: async () => {
      isStopping = true
      await Promise.all(clients)
      return { answers, failures }
    },
  }
}

async function post(agent: Agent, token: string): Promise<Answered> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const message = { instance: INSTANCE, to: '+5511999991000', text: randomUUID() }
  request(`${balancer.url}/v1/messages`, { method: 'POST', agent, headers }, resolve)
    .on('error', reject)
    .end(JSON.stringify(message))
  const answer = await promise
  const chunks: Buffer[] = await answer.toArray()
  return { status: answer.statusCode, id: Object(JSON.parse(Buffer.concat(chunks).toString())).id }
}
