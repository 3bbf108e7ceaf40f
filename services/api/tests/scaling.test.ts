import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type ApiUnderTest, startApi } from './api-under-test.ts'
import { until } from './until.ts'

let api: ApiUnderTest

before(async () => {
  api = await startApi()
})
after(() => api.stop())

test('consumers are scaled by what those that live tell together, on the port that is not public', async () => {
  assert.deepEqual(await scaling(), { due: 0, inFlightLimit: 0, busy: 0, consumers: 0 })
  const { processes, db } = api.store
  await processes.beat('one', { due: 30, inFlightLimit: 40, evolutionDown: [] })
  await processes.beat('two', { due: 10, inFlightLimit: 60, evolutionDown: [] })
  await processes.beat('of an older release', { due: 10, evolutionDown: [] })
  await processes.beat('dead', { due: 900, inFlightLimit: 100, evolutionDown: [] })
  const aMinuteAgo = new Date(Date.now() - 60_000)
  await db.collection<{ _id: string }>('processes').updateOne({ _id: 'dead' }, { $set: { at: aMinuteAgo } })
  let all: unknown
  await until('all of them are counted', async () => {
    all = await scaling()
    return Object(all).consumers === 3
  })
  assert.deepEqual(all, { due: 50, inFlightLimit: 100, busy: 0.5, consumers: 3 })
  assert.equal((await api.anybody.get('/scaling')).status, 404)
})

async function scaling(): Promise<unknown> {
  const response = await fetch(`${api.metricsUrl}/scaling`)
  assert.equal(response.status, 200)
  return await response.json()
}
