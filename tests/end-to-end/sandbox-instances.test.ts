import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { MessageView } from '../support/client.ts'
import { type System, startSystem } from '../support/system.ts'

type Ended = MessageView & Readonly<{ reason?: Readonly<{ code: string }> }>

let system: System
before(async () => {
  const retry = { RETRY_BASE_MS: '10', RETRY_CAP_MS: '20', ATTEMPTS_MAX: '3' }
  system = await startSystem({ env: retry })
  const made = await system.admin.call('POST', '/v1/instances', { name: 'tests', kind: 'sandbox' })
  assert.equal(made.status, 201, JSON.stringify(made.body))
  // All of this has to work without it.
  await system.gatewayProcess().stop()
})
after(async () => {
  await system.stop()
})

test('a message of a sandbox instance is sent, delivered and read without an Evolution API', async () => {
  const { deliveredAt, readAt, providerMessageId } = await ended('+5511999991000', 'read')
  assert.ok(deliveredAt !== undefined && readAt !== undefined && deliveredAt < readAt)
  assert.match(providerMessageId ?? '', /^SBX/)
})

test('every kind of message is taken', async () => {
  const contents = [
    { type: 'location', latitude: 1, longitude: 2 },
    { type: 'poll', question: 'Well?', options: ['yes', 'no'] },
    { type: 'template', name: 'hello', language: 'en' },
  ]
  for (const [n, content] of contents.entries()) {
    const body = { instance: 'tests', to: `+551199999200${n}`, ...content }
    const accepted = await system.admin.call<{ id: string }>('POST', '/v1/messages', body)
    assert.equal(accepted.status, 202, JSON.stringify(accepted.body))
    await system.admin.follow(accepted.body.id, ['read'], 30_000)
  }
})

test('the last four digits of the recipient choose how a message of a sandbox instance fails', async () => {
  assert.equal((await ended('+5511999990404', 'failed')).reason?.code, 'not-on-whatsapp')
  assert.equal((await ended('+5511999990463', 'failed')).reason?.code, 'refused-by-whatsapp')
  assert.deepEqual(outcomesOf(await ended('+5511999990408', 'dead-lettered')), ['retry', 'retry', 'dead-lettered'])
  assert.deepEqual(outcomesOf(await ended('+5511999990500', 'read')), ['retry', 'retry', 'sent'])
  assert.deepEqual(outcomesOf(await ended('+5511999990009', 'read')), ['released', 'released', 'sent'])
})

async function ended(to: string, status: string): Promise<Ended> {
  const { status: answer, body } = await system.admin.send('tests', to, `to ${to}`)
  assert.equal(answer, 202)
  return await system.admin.follow(body.id, [status], 60_000)
}

function outcomesOf({ attempts }: MessageView): string[] {
  return attempts.map(({ outcome }) => outcome)
}
