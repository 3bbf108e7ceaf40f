import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseSender, render } from '@whatsapp-sender/infra'
import { z } from 'zod'
import { KubernetesObject, type ObjectReference } from '../kubernetes/kubernetes-object.ts'
import { ensureSecrets, readSecrets, secretsReadBy } from './secrets.ts'

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

test('nothing but the canary waits for the key of the canary, which is made at the API', async () => {
  const canary = { instance: 'canary', recipient: '+5511999991000', apiKeySecretRef: { name: 'canary-key' } }
  const world = createWorld({ mongo: MONGO })
  assert.equal(await ensureSecrets(world.cluster, senderOf({ ...SPEC, canary }), { isFirst: true }), undefined)
  assert.equal(world.secrets.has('canary-key'), false, 'a key that the API does not know was made')
})

test('a digest changes with the values it is of, with nothing else, and in no order', async () => {
  const values: readonly Readonly<{ secret: string; key?: string }>[] = [
    { secret: 'wa-keys', key: 'SECRET_KEY' },
    { secret: 'mongo', key: 'uri' },
    { secret: 'absent', key: 'password' },
  ]
  const digest = async (secrets: Record<string, Record<string, string>>, of = values) => {
    const { digestOf, versions } = await readSecrets(createWorld(secrets).cluster, 'test', [
      'mongo',
      'absent',
      'wa-keys',
    ])
    assert.deepEqual([...versions.keys()], ['mongo', 'absent', 'wa-keys'])
    return digestOf(of)
  }
  const keys = { SECRET_KEY: 'x', JWT_SECRET: 'y' }
  const first = await digest({ mongo: { uri: '1', b: '2' }, 'wa-keys': keys })
  assert.match(first ?? '', /^[0-9a-f]{12}$/)
  assert.equal(await digest({ mongo: { b: '3', uri: '1' }, 'wa-keys': { ...keys, JWT_SECRET: 'new' } }), first)
  assert.equal(await digest({ mongo: { uri: '1' }, 'wa-keys': keys }, values.toReversed()), first)
  assert.notEqual(await digest({ mongo: { uri: '2' }, 'wa-keys': keys }), first)
  assert.notEqual(await digest({ mongo: { uri: '1' }, 'wa-keys': keys, absent: { password: 'now' } }), first)
  assert.equal(await digest({ mongo: { uri: '1' } }, [{ secret: 'absent', key: 'password' }]), undefined)
  const whole = await digest({ mongo: { uri: '1' } }, [{ secret: 'mongo' }])
  assert.notEqual(await digest({ mongo: { uri: '1', more: '2' } }, [{ secret: 'mongo' }]), whole)
})

test('the keys of the API are no reason to replace the sandbox, nor is its signing key one to replace consumers', async () => {
  const annotations = async (keys: Record<string, string>) => {
    const secrets = { mongo: MONGO, 'wa-evolution': { AUTHENTICATION_API_KEY: 'a' }, 'wa-keys': keys }
    const { digestOf } = await readSecrets(createWorld(secrets).cluster, 'test', Object.keys(secrets))
    return new Map(
      render(senderOf(SPEC), { digestOf }).flatMap(({ kind, metadata, spec }) =>
        kind === 'Deployment' ? [[metadata.name, Annotated.parse(spec).template.metadata.annotations]] : [],
      ),
    )
  }
  const before = await annotations({ JWT_SECRET: 'j', SECRET_KEY: 's', OPERATOR_TOKEN: 'o' })
  const signed = await annotations({ JWT_SECRET: 'new', SECRET_KEY: 's', OPERATOR_TOKEN: 'o' })
  const sealed = await annotations({ JWT_SECRET: 'j', SECRET_KEY: 'new', OPERATOR_TOKEN: 'o' })
  const changed = (after: typeof before) => [...before.keys()].filter((name) => before.get(name) !== after.get(name))
  assert.deepEqual(changed(signed), ['wa-api'])
  assert.deepEqual(changed(sealed).sort(), ['wa-api', 'wa-consumer'])
})

const Annotated = z.object({
  template: z.object({
    metadata: z.object({
      annotations: z
        .looseObject({ 'whatsappsender.io/secrets': z.string() })
        .transform((all) => all['whatsappsender.io/secrets']),
    }),
  }),
})

test('every Secret that a pod of ours reads is found', () => {
  const objects = render(senderOf(SPEC)).map((object) => KubernetesObject.parse(object))
  assert.deepEqual(secretsReadBy(objects), ['mongo', 'wa-evolution', 'wa-keys'])
})

test('a Secret that only the environment of a pod is taken from is found, too', () => {
  const objects = render(senderOf({ ...SPEC, evolution: { mode: 'managed' } }))
    .filter(({ kind, metadata }) => kind === 'Deployment' && metadata.name === 'wa-evolution')
    .map((object) => KubernetesObject.parse(object))
  assert.deepEqual(secretsReadBy(objects), ['wa-evolution'])
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
