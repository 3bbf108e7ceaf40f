import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, test } from 'node:test'
import { openStore, type Store } from '@whatsapp-sender/store'
import { recordOf } from '../support/topic.ts'
import { type FaultProxy, startFaultProxy } from './support/fault-proxy.ts'

const database = `test_${process.pid}_${randomBytes(4).toString('hex')}`
let proxy: FaultProxy
let store: Store

before(async () => {
  proxy = await startFaultProxy(Number(/:(\d+)/.exec(process.env['MONGO_URL']?.replace('mongodb://', '') ?? '')?.[1]))
  store = await openStore({
    url: `mongodb://${proxy.address}/?directConnection=true`,
    database,
    appName: 'test',
    secretKey: randomBytes(32).toString('hex'),
  })
})
after(async () => {
  await store.db.dropDatabase()
  await store.close()
  await proxy.close()
})

test('an insert whose connection breaks, and breaks again when it is repeated, is not taken for done', async () => {
  const { record } = recordOf({ user: 'u', instance: 'i', instanceId: 'ii' })
  const messages = [{ record, appendedAt: Date.now(), offset: 1n, wake: false }]
  const insert = () => store.ledger.insert(messages, new Date())
  let cut = 0
  proxy.order({
    toServer: {
      inspect: (piece) => {
        if (!piece.includes('insert')) return 'pass'
        cut += 1
        proxy.resetAll()
        return 'pass'
      },
    },
  })
  await assert.rejects(insert())
  assert.ok(cut > 0)

  proxy.order({})
  const { inserted, duplicates } = await insert()
  assert.deepEqual([inserted.length, duplicates.length], [1, 0], 'nothing of it was there')
})
