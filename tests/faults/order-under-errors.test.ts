import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { countOf, LEFT, untilQuiet } from '../support/all-sent.ts'
import { judge, lanesOf, NOTHING_WRONG, post } from '../support/load.ts'
import { type System, startSystem } from '../support/system.ts'

let system: System
before(async () => {
  system = await startSystem({ env: { RETRY_BASE_MS: '50', ATTEMPTS_MAX: '30' } })
})
after(async () => {
  await system.stop()
})

test('500 messages to 20 recipients leave once and in order while 30 % of calls fail with 500', async () => {
  const { admin, gateway } = system
  const instances = ['a', 'b', 'c', 'd']
  for (const instance of instances) await admin.createInstance(instance)
  await gateway.program('*', { failRate: 0.3, status: 500 })

  const posted = await post(admin, lanesOf(instances, 5), 500)
  await untilQuiet(system, posted)

  assert.equal(posted.filter(({ result }) => result === 'accepted').length, 500)
  assert.deepEqual(judge(posted, await gateway.journal()), NOTHING_WRONG)
  assert.equal(await countOf(system, LEFT), 500)
  const retried = await system.store.db.collection('messages').countDocuments({ 'attempts.1': { $exists: true } })
  assert.ok(retried > 50, `the errors were real: ${retried} messages needed more than one attempt`)
})
