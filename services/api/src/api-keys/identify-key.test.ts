import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ApiKey } from '@whatsapp-sender/store'
import { createKnown } from '../users/known.ts'
import { createApiKeySecrets } from './api-key-secrets.ts'
import { createIdentifyKey, knownKeyOf } from './identify-key.ts'

const secrets = createApiKeySecrets({ newest: 'a secret of at least thirty-two bytes' })

describe('a caller with an API key', () => {
  test('is known without a query for half a minute, and with the database down as long as it is', async () => {
    const { identify, made, db, tick } = setUp()
    for (let i = 0; i < 5; i++) assert.equal(userOf(await identify(made.key)), 'u')
    assert.equal(db.asked, 1)
    db.isDown = true
    tick(60_000)
    assert.equal(userOf(await identify(made.key)), 'u')
  })

  test('is refused within half a minute of the revocation', async () => {
    const { identify, made, db, tick } = setUp()
    await identify(made.key)
    db.rows.clear()
    tick(30_000)
    assert.equal(await identify(made.key), 'missing')
  })

  test('is refused as soon as the key is over, though it was verified before', async () => {
    const { identify, made, tick } = setUp({ expiresAt: new Date(10_000) })
    assert.equal(userOf(await identify(made.key)), 'u')
    tick(10_000)
    assert.equal(await identify(made.key), 'missing')
  })

  test('is refused when the row is of another key, though the id is right', async () => {
    const { identify, made, db, tick } = setUp()
    await identify(made.key)
    db.rows.set(made.id, { ...rowOf(made), hash: secrets.create().hash })
    tick(30_000)
    assert.equal(await identify(made.key), 'missing')
  })

  test('who makes up keys causes no query and pushes nobody out of memory', async () => {
    const { identify, made, db } = setUp()
    await identify(made.key)
    for (let i = 0; i < 20_000; i++) await identify(`wsk_${i.toString(16).padStart(16, '0')}_${'a'.repeat(51)}`)
    assert.equal(db.asked, 1)
    db.isDown = true
    assert.equal(userOf(await identify(made.key)), 'u')
  })
})

function setUp(more: Partial<ApiKey> = {}) {
  let now = 0
  const made = secrets.create()
  const db = { asked: 0, isDown: false, rows: new Map<string, ApiKey>([[made.id, { ...rowOf(made), ...more }]]) }
  const keys = createKnown(
    async (id) => {
      db.asked++
      if (db.isDown) throw new Error('down')
      const row = db.rows.get(id)
      return row && knownKeyOf(row)
    },
    { now: () => now },
  )
  const identify = createIdentifyKey({ secrets, keys, onUsed: () => {}, now: () => now })
  const tick = (ms: number) => {
    now += ms
  }
  return { identify, made, db, tick }
}

function rowOf({ id, hash }: Readonly<{ id: string; hash: string }>): ApiKey {
  return { id, hash, user: 'u', name: 'k', scopes: ['messages:send'], createdAt: new Date(0) }
}

function userOf(found: Awaited<ReturnType<ReturnType<typeof createIdentifyKey>>>): string {
  return typeof found === 'string' ? found : found.user
}
