import assert from 'node:assert/strict'
import { beforeEach, describe, mock, test } from 'node:test'
import type { KubernetesObject } from '../kubernetes/kubernetes-object.ts'
import type { Connection } from './instance-api.ts'
import { NOW, resourceFor } from './instance-for-test.ts'
import { createPairings } from './pairings.ts'

const LOOK_MS = 5000

let secret: KubernetesObject | undefined
let writes: number
let moved: number
let taken: string[]
let connection: Connection | Error

describe('a pairing that is under way', () => {
  beforeEach(() => {
    mock.timers.reset()
    mock.timers.enable({ apis: ['setTimeout', 'Date'], now: NOW.getTime() })
    secret = undefined
    writes = 0
    moved = 0
    taken = []
    connection = code('one')
  })

  test('has its code in a Secret of the resource, written again only for another code', async () => {
    const pairings = await begun()
    assert.deepEqual(shown(), 'one')
    assert.deepEqual(Object(secret?.metadata['ownerReferences'])[0].uid, 'uid-1')
    assert.equal(pairings.of('ns/support')?.code?.expiresAt, '2026-01-01T12:01:00Z')
    await later(LOOK_MS)
    assert.deepEqual([writes, moved], [1, 1])
    connection = code('two')
    await later(LOOK_MS)
    assert.deepEqual([shown(), writes, moved], ['two', 2, 2])
    assert.equal(pairings.of('ns/support')?.code?.expiresAt, '2026-01-01T12:00:25Z')
  })

  test('has no Secret any more when it ends, and none comes after it', async () => {
    const pairings = await begun()
    await pairings.end(resourceFor())
    connection = code('two')
    await later(LOOK_MS)
    assert.deepEqual([secret, writes, pairings.of('ns/support')], [undefined, 1, undefined])
  })

  test('ends by itself when its time is up, whoever has it in hand', async () => {
    const pairings = await begun(new Date(NOW.getTime() + LOOK_MS))
    await later(LOOK_MS)
    assert.deepEqual([secret, pairings.of('ns/support'), moved], [undefined, undefined, 2])
  })

  test('shows no code that works no more while the API is away', async () => {
    const pairings = await begun()
    connection = new Error('away')
    for (let waited = 0; waited < 90_000; waited += LOOK_MS) await later(LOOK_MS)
    assert.deepEqual([secret, pairings.of('ns/support')?.code], [undefined, undefined])
    connection = code('two')
    await later(30_000)
    assert.equal(shown(), 'two')
  })

  test('touches no Secret of somebody else', async () => {
    secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'support-pairing', namespace: 'ns' }, data: {} }
    const pairings = await begun()
    assert.deepEqual([writes, taken], [0, ['support-pairing']])
    await pairings.end(resourceFor())
    assert.ok(secret)
  })
})

async function begun(endsAt = new Date(NOW.getTime() + 600_000)) {
  const pairings = createPairings({
    cluster: {
      read: async () => secret,
      apply: async (object) => {
        writes += 1
        secret = object
        return object
      },
      remove: async () => {
        secret = undefined
        return true
      },
    },
    timed: (run) => run(),
    onMoved: () => {
      moved += 1
    },
    onTaken: (_, name) => taken.push(name),
    onError: () => {},
  })
  const connect = async () => {
    if (connection instanceof Error) throw connection
    return connection
  }
  pairings.start()
  pairings.begin(resourceFor(), { connect }, endsAt)
  await later(0)
  return pairings
}

/** Lets everything end that has begun until then. */
async function later(ms: number): Promise<void> {
  mock.timers.tick(ms)
  for (let turn = 0; turn < 20; turn++) await Promise.resolve()
}

function code(text: string): Connection {
  return { state: 'connecting', qr: { code: text, png: 'data:image/png;base64,iVBORw0KGgo=' } }
}

function shown(): string {
  return Buffer.from(Object(secret?.['data']).code, 'base64').toString()
}
