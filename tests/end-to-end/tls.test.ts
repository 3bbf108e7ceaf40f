import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { connect } from 'node:tls'
import { startKafka } from '@whatsapp-sender/sandbox/embedded/kafka/start-kafka'
import { startMongo } from '@whatsapp-sender/sandbox/embedded/mongo/start-mongo'
import { findFreePort } from '@whatsapp-sender/sandbox/process/free-port'
import { until } from '@whatsapp-sender/sandbox/process/until'
import { openStore } from '@whatsapp-sender/store'
import { makeAuthority, whyNoCertificates } from '../support/certificates.ts'
import { type System, startSystem } from '../support/system.ts'

const INSTANCE = 'secure'

test('messages are sent over TLS to Kafka and MongoDB, and go on while the authority of the brokers is replaced', {
  skip: whyNoCertificates(),
}, async (t) => {
  const cleanUp = lastFirst(t)
  const directory = await mkdtemp(join(tmpdir(), 'whatsapp-sender-tls-'))
  cleanUp(() => rm(directory, { recursive: true }))
  const [old, fresh] = [makeAuthority(directory, 'old'), makeAuthority(directory, 'fresh')]
  const port = await findFreePort()
  const brokerWith = (certificateKeyFile: string) =>
    startKafka({ dataDir: join(directory, 'kafka'), tls: { port, certificateKeyFile } })
  let kafka = await brokerWith(old.certify('broker'))
  cleanUp(() => kafka.stop())
  const mongo = await startMongo({
    dataDir: join(directory, 'mongo'),
    tls: { certificateKeyFile: old.certify('member'), caFile: old.certificateFile },
  })
  cleanUp(mongo.stop)
  assert.equal(await isTrusted(port, fresh.certificate), false, 'one authority would have sufficed')
  assert.equal(await isReached(mongo.address, fresh.certificate), false, 'any authority would have sufficed')

  // As the Secret of Strimzi is mounted while it replaces its authority.
  const trusted = join(directory, 'trusted')
  await mkdir(trusted)
  await writeFile(join(trusted, 'ca-2026-01-01T00-00-00Z.crt'), old.certificate)
  await writeFile(join(trusted, 'ca.crt'), fresh.certificate)
  const system = await startSystem({
    brokers: kafka.address,
    mongoUrl: mongo.address,
    mongoAuthorities: old.certificate,
    env: {
      KAFKA_BROKERS: `127.0.0.1:${port}`,
      KAFKA_SSL_CA: trusted,
      MONGO_TLS_CA_FILE: old.certificateFile,
    },
  })
  cleanUp(system.stop)
  await system.admin.createInstance(INSTANCE)
  await isSent(system, 'before')

  await kafka.stop()
  kafka = await brokerWith(fresh.certify('broker'))
  assert.equal(await isTrusted(port, fresh.certificate), true)
  await isSent(system, 'after')
})

/** What was started last is stopped first. */
function lastFirst(t: TestContext): (step: () => Promise<unknown>) => void {
  const steps: (() => Promise<unknown>)[] = []
  t.after(async () => {
    for (const step of steps.toReversed()) await step()
  })
  return (step) => steps.push(step)
}

/** Whether somebody with this authority alone takes the broker for what it is. */
async function isTrusted(port: number, ca: string): Promise<boolean> {
  const socket = connect({ host: '127.0.0.1', port, ca, rejectUnauthorized: false })
  await once(socket, 'secureConnect')
  const { authorized } = socket
  socket.destroy()
  return authorized
}

async function isReached(url: string, authorities: string): Promise<boolean> {
  const store = await openStore({ url, authorities, database: 'test', appName: 'test', secretKey: 'k'.repeat(32) })
  const reached = store.isReachable()
  await store.close()
  return reached
}

/** Repeated, as every client should, while the broker is away. */
async function isSent({ admin }: System, text: string): Promise<void> {
  const { id } = await until('it is accepted', async () => {
    const { status, body } = await admin.send(INSTANCE, '+5511999990001', text, { key: text })
    return status === 202 ? body : undefined
  })
  await admin.follow(id, ['sent', 'delivered', 'read'])
}
