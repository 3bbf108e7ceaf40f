import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { before, suite, test } from 'node:test'
import { dataOf } from '@whatsapp-sender/client'
import { openStore } from '@whatsapp-sender/store'
import { type Client, clientOf } from '../support/client.ts'
import { DATABASE, type Installation } from './support/installation.ts'
import { moveToOutsideEvolution, type OutsideEvolution } from './support/outside-evolution.ts'
import { replacing } from './support/pods-replaced.ts'
import type { Teardown } from './support/teardown.ts'
import { underLoad } from './support/under-load.ts'

const INSTANCES = ['key-a', 'key-b', 'key-c', 'key-d']
const KAFKA_USER = 'whatsapp'
const KAFKA_SECRET = 'kafka-login'

/** By docs/secret-rotation.md, step by step. */
export function testRotation(installation: () => Installation, teardown: Teardown): void {
  suite('under load every secret is replaced, and no message is lost, sent twice or out of its order', () => {
    let evolution: OutsideEvolution
    /** The installation, with the Evolution API that outlives its keys. */
    let here: Installation
    before(async () => {
      evolution = await moveToOutsideEvolution(teardown, installation())
      here = { ...installation(), gateway: evolution.gateway }
      const admin = await here.signIn()
      for (const name of INSTANCES) await admin.createInstance(name)
    })

    test('SECRET_KEY and JWT_SECRET: tokens, API keys and all that is sealed hold until the old ones go', async (t) => {
      const old = await keysOf(here)
      const now = { SECRET_KEY: randomKey(), JWT_SECRET: randomKey() }
      const admin = await here.signIn()
      const program = await withApiKey(here, admin)
      await underLoad(t, here, { name: 'keys', instances: INSTANCES, client: program }, async () => {
        await replacing(here, () => giveKeys(here, both(old, now)))
        await replacing(here, () => giveKeys(here, both(now, old)))
        assert.equal((await admin.call('GET', '/v1/me')).status, 200, 'a token from before')
      })
      assert.match(await reseal(here), /^[1-9]\d* sealed anew, 0 that none of the keys opens\n$/)
      const later = await withApiKey(here, await here.signIn())
      await underLoad(t, here, { name: 'gone', instances: INSTANCES, client: later }, () =>
        replacing(here, () => giveKeys(here, now)),
      )
      for (const former of [admin, program]) assert.equal((await former.call('GET', '/v1/messages')).status, 401)
      await assertReadableWith(here, now.SECRET_KEY)
      await assertReadByRecipient(here)
    })

    test('the global key of Evolution API: messages leave while it is another here than there', async (t) => {
      const key = randomKey()
      const admin = await here.signIn()
      await underLoad(t, here, { name: 'global', instances: INSTANCES }, async () => {
        await evolution.setKey(key)
        const refused = await admin.call<{ evolutionCode?: string }>('POST', '/v1/instances', { name: 'too-early' })
        assert.equal(refused.status, 502)
        assert.equal(refused.body.evolutionCode, 'unauthorized')
        await replacing(here, () => evolution.giveKey(key))
      })
      await (await here.signIn()).createInstance('key-late')
      await assertReadByRecipient(here, 'key-late')
    })

    test('the password of the user of Kafka', async (t) => {
      await logInToKafka(here, randomKey())
      await underLoad(t, here, { name: 'kafka', instances: INSTANCES }, async () => {
        const password = randomKey()
        await here.servers.setKafkaPassword(KAFKA_USER, password)
        await replacing(here, () => giveKafkaPassword(here, password))
      })
    })
  })
}

type Keys = Readonly<{ SECRET_KEY: string; JWT_SECRET: string }>

/** As the operator makes them. */
function randomKey(): string {
  return randomBytes(32).toString('base64url')
}

async function keysOf({ secret }: Installation): Promise<Keys> {
  return { SECRET_KEY: await secret('wa-keys', 'SECRET_KEY'), JWT_SECRET: await secret('wa-keys', 'JWT_SECRET') }
}

/** The first makes what is new, the second is let in. */
function both(first: Keys, second: Keys): Keys {
  return {
    SECRET_KEY: `${first.SECRET_KEY}\n${second.SECRET_KEY}`,
    JWT_SECRET: `${first.JWT_SECRET}\n${second.JWT_SECRET}`,
  }
}

async function giveKeys({ node, namespace }: Installation, stringData: Keys): Promise<void> {
  const patch = ['--type=merge', '--patch', JSON.stringify({ stringData })]
  await node.kubectl(['patch', 'secret', 'wa-keys', '--namespace', namespace, ...patch])
}

async function withApiKey({ apiUrl }: Installation, admin: Client): Promise<Client> {
  const body = { name: 'program', scopes: ['messages:send' as const, 'messages:read' as const] }
  const { key } = await dataOf(admin.api.POST('/v1/api-keys', { body }))
  return clientOf(apiUrl, key)
}

function reseal({ node, namespace }: Installation): Promise<string> {
  const command = ['--', 'node', 'services/api/src/reseal/main.ts']
  return node.kubectl(['exec', 'deployment/wa-api', '--namespace', namespace, ...command])
}

async function assertReadableWith({ servers }: Installation, secretKey: string): Promise<void> {
  const store = await openStore({ url: servers.mongoUrl, database: DATABASE, appName: 'test', secretKey })
  try {
    for (const name of INSTANCES) assert.ok((await store.instances.findByName(name))?.evolutionToken, name)
  } finally {
    await store.close()
  }
}

/** Its events come, with the secret that it was made with. */
async function assertReadByRecipient(installation: Installation, instance = 'key-a'): Promise<void> {
  const admin = await installation.signIn()
  const { status, body } = await admin.send(instance, '+5511980000077', `read through ${instance}`)
  assert.equal(status, 202)
  await admin.follow(body.id, ['read'])
}

async function giveKafkaPassword({ node, namespace }: Installation, password: string): Promise<void> {
  const metadata = { name: KAFKA_SECRET, namespace }
  await node.apply([{ apiVersion: 'v1', kind: 'Secret', metadata, stringData: { password } }])
}

/** From where everybody is let in to where it asks for a password. */
async function logInToKafka(installation: Installation, password: string): Promise<void> {
  const { servers, specOf, upgrade } = installation
  await servers.setKafkaPassword(KAFKA_USER, password)
  await giveKafkaPassword(installation, password)
  const { kafka } = await specOf()
  await replacing(installation, () =>
    upgrade({
      kafka: {
        ...kafka,
        external: {
          ...kafka.external,
          bootstrapServers: [servers.kafkaWithLogin],
          sasl: {
            mechanism: 'scram-sha-512',
            username: KAFKA_USER,
            passwordSecretRef: { name: KAFKA_SECRET, key: 'password' },
          },
        },
      },
    }),
  )
}
