import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { untilQuiet } from '../support/all-sent.ts'
import { type System, startSystem } from '../support/system.ts'

let system: System
before(async () => {
  system = await startSystem()
})
after(async () => {
  await system.stop()
})

test('messages that wait for an instance that is deleted fail, and never leave through a new one of its name', async () => {
  const { admin } = system
  await admin.createInstance('sales')
  await system.gateway.setState('sales', 'close')
  await admin.call('PATCH', '/v1/instances/sales', { paused: true })
  const ids: string[] = []
  for (let n = 0; n < 5; n++) ids.push((await admin.send('sales', `+551198888${n}001`, `old ${n}`)).body.id)
  for (const id of ids) await admin.follow(id, ['queued'])
  assert.equal((await admin.call('DELETE', '/v1/instances/sales')).status, 204)
  for (const id of ids) {
    await admin.follow(id, ['failed'])
    const { body } = await admin.call<{ reason?: { code: string } }>('GET', `/v1/messages/${id}`)
    assert.equal(body.reason?.code, 'instance-deleted')
  }
  await admin.createInstance('sales')
  const { body } = await admin.send('sales', '+5511988880001', 'new')
  await admin.follow(body.id, ['sent', 'delivered', 'read'])
  await untilQuiet(system, [])
  const left = (await system.gateway.journal()).map(({ content }) => content)
  assert.deepEqual(left, ['new'])
})
