import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { decodeMessageRecord, kafkaNames } from '@whatsapp-sender/contract'
import { until } from '@whatsapp-sender/sandbox/process/until'
import { createLogger } from '@whatsapp-sender/service-runtime'
import { createKafka } from '@whatsapp-sender/service-runtime/kafka'
import { sharedSystem } from '../../support/shared-system.ts'
import type { System } from '../../support/system.ts'

let system: System
before(async () => {
  system = await sharedSystem()
})

test("without a collector nothing of a caller's trace goes along: no header, no field of the row, its events or deliveries", async () => {
  await system.admin.createInstance('untraced')
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
  const { body } = await system.admin.call<{ id: string }>(
    'POST',
    '/v1/messages',
    { instance: 'untraced', to: '+5511988887011', text: 'nobody traces this' },
    { traceparent },
  )
  await system.admin.follow(body.id, ['read'])
  const row = await system.store.db.collection<{ _id: string }>('messages').findOne({ _id: body.id })
  assert.ok(row !== null && !('traceparent' in row))
  const kept = await Promise.all(
    ['messages', 'events', 'webhook_deliveries'].map((name) =>
      system.store.db.collection(name).countDocuments({ traceparent: { $exists: true } }),
    ),
  )
  assert.deepEqual(kept, [0, 0, 0])
  assert.deepEqual(await headersOf(body.id), ['message-id'])
})

async function headersOf(messageId: string): Promise<readonly string[]> {
  const { brokers, prefix } = system
  const logger = createLogger({ service: 'test', level: 'silent' })
  const kafka = createKafka({ config: { brokers: [...brokers], prefix }, clientId: 'test', logger })
  const reader = kafka.consumer({ groupId: `${prefix}headers-reader`, maxWaitTimeInMs: 100 })
  let found: readonly string[] | undefined
  await reader.connect()
  try {
    await reader.subscribe({ topic: kafkaNames(prefix).messages, fromBeginning: true })
    await reader.run({
      autoCommit: false,
      eachMessage: async ({ message: { key, value, headers } }) => {
        const decoded = decodeMessageRecord(value, key)
        if (decoded.kind === 'record' && decoded.record.id === messageId) found = Object.keys(headers ?? {})
      },
    })
    return await until('its record is read', async () => found)
  } finally {
    await reader.disconnect()
  }
}
