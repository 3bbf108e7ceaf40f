import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { repositoryRoot } from '@whatsapp-sender/sandbox/embedded/repository'
import { environmentOf, readComposeFile, variablesIn } from './compose-file.ts'
import { readEnvExample } from './env-example.ts'
import { makeEnv } from './make-env.ts'

const { services, configs, volumes } = await readComposeFile()
const example = await readEnvExample()
const serviceNames = Object.keys(services)
const ours = Object.entries(services).filter(([, service]) => service.build !== undefined)

/** Compose decides these itself: the address of everything it starts, and what belongs to the address. What only commands read is given to them. */
const DECIDED = [
  'HOST',
  'PORT',
  'METRICS_PORT',
  'LOG_DIR',
  'KAFKA_BROKERS',
  'KAFKA_HOST',
  'KAFKA_PORT',
  'KAFKA_SSL',
  'KAFKA_SSL_CA',
  'KAFKA_SASL_MECHANISM',
  'KAFKA_SASL_USERNAME',
  'KAFKA_SASL_PASSWORD',
  'MONGO_URL',
  'MONGO_TLS_CA',
  'mongo_connection',
  'EVOLUTION_URL',
  'SANDBOX_PORT',
  'SANDBOX_STATE_DIR',
  'SANDBOX_DIR',
  'MONGOD_BIN',
  'JAVA_HOME',
  'OLD_MONGO_URL',
  'OLD_MONGO_DATABASE',
]

test('services are named as the older system named them', () => {
  const older = ['api_whatsappsenderserver', 'consumer', 'kafka', 'mongo', 'evolution-api', 'evolution-api-db']
  assert.deepEqual(
    older.filter((name) => !serviceNames.includes(name)),
    [],
  )
})

test('every variable that the file names is explained in .env.example', () => {
  const explained = Object.keys(example.defaults)
  for (const [name, service] of Object.entries(services)) {
    const passedOn = Object.entries(service.environment).flatMap(([key, value]) => (value === null ? [key] : []))
    const named = [...passedOn, ...variablesIn(JSON.stringify(service))]
    assert.deepEqual(
      named.filter((variable) => !explained.includes(variable)),
      [],
      name,
    )
  }
})

test('every setting of a service can be changed in .env', () => {
  const expected = { api_whatsappsenderserver: ['both services', 'API'], consumer: ['both services', 'consumer'] }
  for (const [name, parts] of Object.entries(expected)) {
    const settings = example.variablesOf(...parts)
    assert.ok(settings.length > 20, name)
    const passed = Object.keys(services[name]?.environment ?? {})
    assert.deepEqual(settings.filter(notDecided).sort(), passed.filter(notDecided).sort())
  }
  const sandbox = Object.keys(services['sandbox']?.environment ?? {})
  assert.deepEqual(
    example.variablesOf('sandbox').filter((setting) => notDecided(setting) && !sandbox.includes(setting)),
    [],
  )
  const known = ['AUTHENTICATION_API_KEY', ...example.variablesOf('sandbox')]
  assert.deepEqual(
    sandbox.filter((setting) => !known.includes(setting)),
    [],
  )
})

test('no secret stands in the file', () => {
  for (const [name, service] of Object.entries(services)) {
    for (const [variable, value] of Object.entries(service.environment)) {
      if (!/PASSWORD|SECRET|_KEY$|TOKEN|_URI$/.test(variable) || value === null) continue
      if (/^(ACCEPT|MAX)_|_(TTL|LENGTH)_/.test(variable)) continue
      assert.match(String(value), /\$\{/, `${variable} of ${name} is not taken from .env`)
    }
  }
})

test('a secret reaches only who needs it', () => {
  const holders = (variable: string) =>
    Object.entries(services).flatMap(([name, { environment }]) => (variable in environment ? [name] : []))
  assert.deepEqual(holders('JWT_SECRET'), ['api_whatsappsenderserver'])
  assert.deepEqual(holders('ADMIN_PASSWORD'), ['api_whatsappsenderserver'])
  assert.deepEqual(holders('SECRET_KEY'), ['api_whatsappsenderserver', 'consumer'])
  assert.deepEqual(holders('MONGO_PASSWORD'), ['api_whatsappsenderserver', 'consumer', 'mongo'])
  assert.deepEqual(
    Object.entries(services).flatMap(([name, s]) => (JSON.stringify(s).includes('MONGO_ROOT_PASSWORD') ? [name] : [])),
    ['mongo'],
  )
})

test('nothing can be reached from other machines', () => {
  const ports = Object.values(services).flatMap((service) => service.ports)
  assert.ok(ports.length >= 5)
  for (const port of ports) assert.match(port, /^127\.0\.0\.1:/)
})

test('our containers have a root that cannot be written to, and no capability', () => {
  assert.equal(ours.length, 4)
  for (const [name, service] of ours) {
    assert.equal(service.read_only, true, name)
    assert.deepEqual([service.tmpfs, service.cap_drop], [['/tmp'], ['ALL']], name)
    assert.deepEqual(service.security_opt, ['no-new-privileges:true'], name)
  }
})

test('every container is bounded, and everything that stays is watched and comes back', () => {
  for (const [name, service] of Object.entries(services)) {
    assert.match(service.deploy.resources.limits.memory, /^\d+[MG]$/, name)
    if (name === 'kafka-topics') continue
    assert.equal(service.restart, 'unless-stopped', name)
    assert.ok(service.healthcheck, name)
  }
})

test('a stop waits for the consumer as long as the consumer waits for open requests', () => {
  const drainMs = Number(example.defaults['DRAIN_TIMEOUT_MS'])
  const grace = Number(/^(\d+)s$/.exec(services['consumer']?.stop_grace_period ?? '')?.[1])
  assert.ok(grace * 1000 >= drainMs + 15_000, `${grace} s against ${drainMs} ms and 15 s to write and disconnect`)
})

test('services start after their topics and their database, and name only what exists', () => {
  for (const [name, service] of Object.entries(services)) {
    for (const other of Object.keys(service.depends_on)) assert.ok(serviceNames.includes(other), `${name}: ${other}`)
    for (const volume of service.volumes) assert.ok((volume.split(':')[0] ?? '') in volumes, `${name}: ${volume}`)
    for (const { source } of service.configs) assert.ok(source in configs, `${name}: ${source}`)
  }
  for (const name of ['api_whatsappsenderserver', 'consumer']) {
    assert.deepEqual(services[name]?.depends_on, {
      'kafka-topics': { condition: 'service_completed_successfully' },
      mongo: { condition: 'service_healthy' },
    })
  }
})

test('the real Evolution API takes the place and the name of the sandbox', () => {
  assert.deepEqual(services['sandbox']?.profiles, ['sandbox'])
  assert.deepEqual(services['sandbox']?.networks?.default.aliases, ['evolution-api'])
  assert.deepEqual(services['evolution-api']?.profiles, ['evolution'])
  assert.deepEqual(services['evolution-api-db']?.profiles, ['evolution'])
})

test('with the file that npm run secrets makes, every service has what it needs', async (t) => {
  const made = await makeEnv(t)
  for (const service of Object.values(services)) environmentOf(service, made.env)
  assert.equal(made.env['COMPOSE_PROFILES'], 'sandbox')
})

test('Docker Compose itself takes the file', async (t) => {
  if (spawnSync('docker', ['compose', 'version']).status !== 0) return t.skip('there is no docker compose here')
  const folder = await mkdtemp(join(tmpdir(), 'compose-'))
  t.after(() => rm(folder, { recursive: true }))
  const { file } = await makeEnv(t)
  for (const profile of ['sandbox', 'evolution']) {
    const args = ['compose', '--file', 'compose.yaml', '--env-file', file, '--profile', profile, 'config', '--quiet']
    const { status, stderr } = spawnSync('docker', args, { cwd: repositoryRoot, encoding: 'utf8' })
    assert.equal(status, 0, stderr)
  }
})

function notDecided(variable: string): boolean {
  return !DECIDED.includes(variable)
}
