import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { after, before, test } from 'node:test'
import { decodeFeedEvent, type FeedEvent, subjectOf } from '@whatsapp-sender/contract'
import { findFreePort } from '@whatsapp-sender/sandbox/process/free-port'
import { until } from '@whatsapp-sender/sandbox/process/until'
import { type System, startSystem } from '../support/system.ts'

const LIFE = ['message.queued', 'message.sent', 'message.read'] as const

let system: System
before(async () => {
  system = await startSystem({
    env: { KAFKA_SESSION_TIMEOUT_MS: '8000', OUTGOING_PRIVATE_NETWORKS: '127.0.0.0/8' },
    consumers: 0,
    gatewayEnv: { SANDBOX_DELIVERED_AFTER_MS: '50', SANDBOX_READ_AFTER_MS: '100' },
  })
  await system.admin.createInstance('sales')
})
after(async () => {
  await system.stop()
})

test('the life of a message is posted, also what happened while the receiver was down and the consumer was killed', async (t) => {
  const { admin } = system
  const port = await findFreePort()
  const made = await admin.call('POST', '/v1/webhooks', { url: `http://127.0.0.1:${port}/hooks` })
  assert.equal(made.status, 201)
  const consumer = await system.startConsumer()
  const { body } = await admin.send('sales', '+5511988881000', 'somebody is told')
  await admin.follow(body.id, ['read'])
  // Nobody posts while it rests: one that died while it posted would be waited for as long as its lease lasts.
  await until('attempts have failed, and the webhook is left alone for a moment', async () => {
    const resting = { restUntil: { $gt: new Date(Date.now() + 300) }, lease: { $exists: false } }
    const count = await system.store.db.collection('webhook_endpoints').countDocuments(resting)
    return count > 0 || undefined
  })
  process.kill(consumer.pid, 'SIGKILL')
  await consumer.exited
  const posts: FeedEvent[] = []
  t.after(await receiverAt(port, posts))
  await system.startConsumer()
  const types = () => new Set(posts.filter((event) => subjectOf(event) === body.id).map(({ type }) => type))
  await until('all of it is told', () => LIFE.every((type) => types().has(type)) || undefined, { timeoutMs: 120_000 })
  assert.doesNotMatch(JSON.stringify(posts), /somebody/)
})

/** Answers how to end it. */
async function receiverAt(port: number, posts: FeedEvent[]): Promise<() => void> {
  const server = createServer((req, res) => {
    const chunks: Buffer[] = []
    req.on('data', (chunk: Buffer) => chunks.push(chunk))
    req.on('end', () => {
      const decoded = decodeFeedEvent(Buffer.concat(chunks))
      if (decoded.kind === 'record') posts.push(decoded.record)
      res.writeHead(204).end()
    })
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return () => {
    server.closeAllConnections()
    server.close()
  }
}
