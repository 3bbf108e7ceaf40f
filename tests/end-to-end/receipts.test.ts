import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { until } from '@whatsapp-sender/sandbox/process/until'
import type { MessageDocument } from '@whatsapp-sender/store'
import { type System, startSystem } from '../support/system.ts'

let system: System
before(async () => {
  system = await startSystem({
    env: { STUCK_AFTER_MINUTES: '0.005' },
    gatewayEnv: { SANDBOX_DELIVERED_AFTER_MS: '1200', SANDBOX_READ_AFTER_MS: '1500' },
  })
  for (const name of ['told', 'untold', 'mixed-up', 'late']) await system.admin.createInstance(name)
})
after(async () => {
  await system.stop()
})

test('a message that WhatsApp never acknowledges is stuck, and asked for a few times only', async () => {
  const { body } = await system.admin.send('told', '+5511988880010', 'into the void')
  const row = await rowWhere(body.id, ({ stuck, askAt }) => stuck === true && askAt === undefined)
  assert.deepEqual([row.status, row.asked], ['sent', 5])
})

test('a receipt that Evolution never told of is found by asking for it', async () => {
  await system.gateway.events('untold', { never: true, events: ['MESSAGES_UPDATE'] })
  const { body } = await system.admin.send('untold', '+5511988887001', 'delivered in silence')
  const row = await rowWhere(body.id, ({ status }) => status === 'delivered' || status === 'read')
  assert.deepEqual([row.stuck, row.askAt], [undefined, undefined])
})

test('a receipt that comes late takes the mark away', async () => {
  const { body } = await system.admin.send('told', '+5511988887002', 'to a phone that was off')
  await rowWhere(body.id, ({ stuck }) => stuck === true)
  const { stuck, askAt, asked } = await rowWhere(body.id, ({ status }) => status === 'read')
  assert.deepEqual([stuck, askAt, asked], [undefined, undefined, undefined])
})

test('events before the answer, twice and in the wrong order end where the right ones would', async () => {
  await system.gateway.events('mixed-up', { beforeAnswer: true, copies: 2, swap: true })
  const ids = await Promise.all(
    Array.from({ length: 6 }, async (_, n) => {
      const { body } = await system.admin.send('mixed-up', `+551198888700${n}`, `mixed up ${n}`)
      return body.id
    }),
  )
  for (const id of ids) await rowWhere(id, ({ status }) => status === 'read')
  const left = await system.gateway.journalOf('mixed-up')
  assert.equal(left.length, 6)
})

test('a message that was given up as unknown is sent after all when Evolution tells of it late', async () => {
  await system.gateway.events('late', { delayMs: 5000, events: ['SEND_MESSAGE'] })
  await system.gateway.program('late', { close: 'after-reading', times: 1 })
  const { body } = await system.admin.send('late', '+5511988887003', 'told late', { onAmbiguous: 'hold' })
  await rowWhere(body.id, ({ status }) => status === 'unknown')
  const row = await rowWhere(body.id, ({ status }) => status === 'read')
  const left = await system.gateway.journalOf('late')
  assert.deepEqual(
    left.map(({ keyId }) => keyId),
    [row.providerMessageId],
  )
  assert.deepEqual([row.attemptsCount, row.attention, row.reason], [1, undefined, undefined])
})

function rowWhere(id: string, is: (row: MessageDocument) => boolean) {
  const rows = system.store.db.collection<MessageDocument>('messages')
  return until(
    `message ${id} is as expected`,
    async () => {
      const row = await rows.findOne({ _id: id })
      return row !== null && is(row) ? row : undefined
    },
    { timeoutMs: 60_000, everyMs: 50 },
  )
}
