import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { untilQuiet } from '../support/all-sent.ts'
import { judge, lanesOf, NOTHING_WRONG, post } from '../support/load.ts'
import { type System, startSystem } from '../support/system.ts'

let system: System
before(async () => {
  system = await startSystem()
})
after(async () => {
  await system.stop()
})

test('while Evolution API is down messages wait without using up attempts, and all leave afterwards', async () => {
  const { admin, gateway } = system
  const instances = ['away-0', 'away-1', 'away-2']
  for (const instance of instances) await admin.createInstance(instance)
  await system.gatewayProcess().stop()

  const posted = await post(admin, lanesOf(instances, 4), 60)
  const [first] = posted
  assert.ok(first?.id)
  await admin.follow(first.id, ['queued'])
  const waiting = await admin.getMessage(first.id)
  assert.equal(waiting.body.waitingFor, 'instance')
  assert.deepEqual(await attemptsUsed(), [0])

  await system.startGateway()
  await untilQuiet(system, posted)
  assert.deepEqual(judge(posted, await gateway.journal()), NOTHING_WRONG)
  assert.deepEqual(await attemptsUsed(), [1])
})

async function attemptsUsed(): Promise<number[]> {
  return await system.store.db.collection('messages').distinct('attemptsCount')
}
