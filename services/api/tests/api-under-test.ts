import { randomBytes } from 'node:crypto'
import { createTopics } from '@whatsapp-sender/sandbox/embedded/topics'
import { createEvolutionSandbox, type SandboxOptions } from '@whatsapp-sender/sandbox/evolution/sandbox'
import { createLogger } from '@whatsapp-sender/service-runtime'
import { openStore } from '@whatsapp-sender/store'
import { loadConfig } from '../src/config.ts'
import { createService, type Overrides } from '../src/service.ts'
import { clientOf } from './client.ts'
import { openTopics } from './topics.ts'
import { until } from './until.ts'

export const ADMIN = { email: 'admin@example.com', password: 'first-Admin-pass-77' }
export const PASSWORD = 'tiny horse eats 9 pears'
export const JWT_SECRET = 'j'.repeat(40)
export const SECRET_KEY = 's'.repeat(40)

/** The least that bcrypt takes: nearly every test makes users, and few are about what a hash costs. */
const PASSWORD_COST = 4

const EVOLUTION_KEY = 'evolution-key'

export type ApiUnderTest = Awaited<ReturnType<typeof startApi>>
export type TestUser = Awaited<ReturnType<ApiUnderTest['user']>>

/** The API in this process on real servers, with topics, a database and an Evolution of its own. */
export async function startApi(
  o: { env?: NodeJS.ProcessEnv; overrides?: Overrides; evolution?: Partial<SandboxOptions> } = {},
) {
  const name = `test_${process.pid}_${randomBytes(4).toString('hex')}`
  const servers = serversOf(process.env)
  const prefix = `${name}.`
  const sandbox = { host: '127.0.0.1', port: 0, apiKey: EVOLUTION_KEY, autoOpen: true, latencyMs: 0, ...o.evolution }
  const evolution = createEvolutionSandbox(sandbox)
  const [store] = await Promise.all([
    openStore({ url: servers.mongoUrl, database: name, appName: name, secretKey: SECRET_KEY }),
    createTopics(servers.brokers, prefix, 4),
    evolution.start(),
  ])
  const logLines: string[] = []
  const env = {
    PORT: '0',
    METRICS_PORT: '0',
    KAFKA_BROKERS: servers.brokers.join(','),
    KAFKA_PREFIX: prefix,
    MONGO_URL: servers.mongoUrl,
    MONGO_DATABASE: name,
    EVOLUTION_API_URL: evolution.url,
    AUTHENTICATION_API_KEY: EVOLUTION_KEY,
    JWT_SECRET,
    SECRET_KEY,
    ADMIN_EMAIL: ADMIN.email,
    ADMIN_PASSWORD: ADMIN.password,
    ...o.env,
  }
  const logger = createLogger({
    service: 'api',
    level: 'debug',
    secretKey: SECRET_KEY,
    stdout: { write: (line: string) => void logLines.push(line) },
  })
  /** One more of the same, with other variables. */
  const another = async (more: NodeJS.ProcessEnv = {}) => {
    const config = loadConfig({ ...env, ...more })
    const service = await createService(config, { logger, passwordCost: PASSWORD_COST, ...o.overrides })
    await service.start()
    const { port, metricsPort } = service.address()
    const metricsUrl = `http://127.0.0.1:${metricsPort}`
    await until('the producers are connected', async () => (await fetch(`${metricsUrl}/readyz`)).ok)
    return { url: `http://127.0.0.1:${port}`, metricsUrl, stop: service.stop }
  }
  const service = await another()
  const { url, metricsUrl } = service
  const topics = await openTopics(servers.brokers, prefix)
  const anybody = clientOf(url)
  const logIn = async (email: string, password: string) => {
    const { body } = await anybody.post('/user/login', { email, password })
    return clientOf(url, String(body['access_token']))
  }
  await until('the administrator exists', async () => (await store.users.findByEmail(ADMIN.email)) !== undefined)
  const admin = await logIn(ADMIN.email, ADMIN.password)
  return {
    url,
    metricsUrl,
    another,
    evolution: { url: evolution.url, apiKey: EVOLUTION_KEY },
    store,
    topics,
    anybody,
    admin,
    logIn,
    logs: () => logLines.join(''),
    /** An approved user, logged in. */
    user: async (email: string) => {
      const { body } = await anybody.post('/user/signup', { email, fullname: email, password: PASSWORD })
      const id = String(body['id'])
      await admin.patch(`/v1/users/${id}`, { status: 'approved' })
      return { id, ...(await logIn(email, PASSWORD)) }
    },
    /** The service alone; its topics can still be read. */
    stopService: service.stop,
    stop: async () => {
      await service.stop()
      await Promise.all([topics.close(), evolution.stop(), store.db.dropDatabase()])
      await store.close()
    },
  }
}

function serversOf({ KAFKA_BROKERS, MONGO_URL }: NodeJS.ProcessEnv) {
  if (!KAFKA_BROKERS || !MONGO_URL) throw new Error('KAFKA_BROKERS and MONGO_URL must say where the servers are')
  return { brokers: KAFKA_BROKERS.split(','), mongoUrl: MONGO_URL }
}
