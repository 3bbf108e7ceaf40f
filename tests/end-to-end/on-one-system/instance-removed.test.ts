import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { until } from '@whatsapp-sender/sandbox/process/until'
import { sharedSystem } from '../../support/shared-system.ts'
import type { System } from '../../support/system.ts'

let system: System
before(async () => {
  system = await sharedSystem()
})

test('messages that wait for an instance that is deleted fail, and never leave through a new one of its name', async () => {
  const { admin } = system
  await admin.createInstance('removed')
  await system.gateway.setState('removed', 'close')
  await admin.call('PATCH', '/v1/instances/removed', { paused: true })
  const ids: string[] = []
  for (let n = 0; n < 5; n++) ids.push((await admin.send('removed', `+551198888${n}001`, `old ${n}`)).body.id)
  for (const id of ids) await admin.follow(id, ['queued'])
  assert.equal((await admin.call('DELETE', '/v1/instances/removed')).status, 204)
  for (const id of ids) {
    await admin.follow(id, ['failed'])
    const { body } = await admin.call<{ reason?: { code: string } }>('GET', `/v1/messages/${id}`)
    assert.equal(body.reason?.code, 'instance-deleted')
  }
  await admin.createInstance('removed')
  const { body } = await admin.send('removed', '+5511988880001', 'new')
  await admin.follow(body.id, ['sent', 'delivered', 'read'])
  const rows = system.store.db.collection('messages')
  await until(
    'none of it is open',
    async () => (await rows.countDocuments({ instance: 'removed', open: 1 })) === 0 || undefined,
  )
  const left = await system.gateway.journalOf('removed')
  assert.deepEqual(
    left.map(({ content }) => content),
    ['new'],
  )
})
