import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseSender, render } from '@whatsapp-sender/infra'
import { KubernetesObject, type ObjectReference } from '../kubernetes/kubernetes-object.ts'
import { ensureSecrets, hashSecrets, secretsReadBy } from './secrets.ts'

const SPEC = {
  kafka: { mode: 'external', external: { bootstrapServers: ['kafka:9092'] } },
  mongodb: { mode: 'external', external: { uriSecretRef: { name: 'mongo' } } },
  evolution: { mode: 'sandbox' },
}
const MONGO = { 'connectionString.standard': 'uri' }

test('the keys are made once and never again', async () => {
  const world = createWorld({ mongo: MONGO })
  assert.equal(await ensureSecrets(world.cluster, senderOf(SPEC), { isFirst: true }), undefined)
  const keys = world.secrets.get('wa-keys')
  assert.deepEqual(Object.keys(keys ?? {}).sort(), ['ADMIN_PASSWORD', 'JWT_SECRET', 'OPERATOR_TOKEN', 'SECRET_KEY'])
  assert.equal(await ensureSecrets(world.cluster, senderOf(SPEC), { isFirst: true }), undefined)
  assert.equal(world.secrets.get('wa-keys'), keys)
})

test('keys that are lost later are not made anew: what is kept was encrypted with them', async () => {
  const world = createWorld({ mongo: MONGO })
  const fault = await ensureSecrets(world.cluster, senderOf(SPEC), { isFirst: false })
  assert.equal(fault?.reason, 'KeysLost')
  assert.match(fault?.message ?? '', /wa-keys/)
  assert.equal(world.secrets.has('wa-keys'), false)
})

test('a Secret that is missing, or lacks a key, is named', async () => {
  const none = createWorld({})
  assert.match(
    (await ensureSecrets(none.cluster, senderOf(SPEC), { isFirst: true }))?.message ?? '',
    /Secret mongo with/,
  )
  const other = createWorld({ mongo: { uri: 'x' } })
  const fault = await ensureSecrets(other.cluster, senderOf(SPEC), { isFirst: true })
  assert.equal(fault?.message, 'Secret mongo lacks connectionString.standard.')
})

test('a hash changes with its Secret alone, and cannot be made without the keys', async () => {
  const hash = async (secrets: Record<string, Record<string, string>>) => {
    const asked = { names: ['mongo', 'absent'], keyedBy: 'wa-keys' }
    const { hashes, versions } = await hashSecrets(createWorld(secrets).cluster, 'test', asked)
    assert.deepEqual([...versions.keys()], asked.names)
    return hashes
  }
  const first = await hash({ mongo: { a: '1', b: '2' }, 'wa-keys': { SECRET_KEY: 'x' } })
  assert.deepEqual(Object.keys(first), ['mongo'])
  assert.deepEqual(await hash({ mongo: { b: '2', a: '1' }, 'wa-keys': { SECRET_KEY: 'x' } }), first)
  assert.notDeepEqual(await hash({ mongo: { a: '1', b: '3' }, 'wa-keys': { SECRET_KEY: 'x' } }), first)
  assert.notDeepEqual(await hash({ mongo: { a: '1', b: '2' }, 'wa-keys': { SECRET_KEY: 'y' } }), first)
})

test('every Secret that a pod of ours reads is found', () => {
  const objects = render(senderOf(SPEC)).map((object) => KubernetesObject.parse(object))
  assert.deepEqual(secretsReadBy(objects), ['mongo', 'wa-evolution', 'wa-keys'])
})

function senderOf(spec: object) {
  const metadata = { name: 'wa', namespace: 'test' }
  return parseSender({ apiVersion: 'whatsappsender.io/v1alpha1', kind: 'WhatsAppSender', metadata, spec })
}

/** The Secrets of one namespace. */
function createWorld(given: Readonly<Record<string, Readonly<Record<string, string>>>>) {
  const secrets = new Map(Object.entries(given))
  return {
    secrets,
    cluster: {
      read: async ({ name }: ObjectReference) => {
        const data = secrets.get(name)
        return data === undefined ? undefined : { apiVersion: 'v1', kind: 'Secret', metadata: { name }, data }
      },
      create: async (object: KubernetesObject) => {
        secrets.set(object.metadata.name, Object(object['stringData']))
        return object
      },
    },
  }
}
