import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { dataOf } from '@whatsapp-sender/client'
import { metricDefinitions } from '../../monitoring/metric-definitions.ts'
import { sharedSystem } from '../../support/shared-system.ts'
import type { System } from '../../support/system.ts'

/** Of histograms a scrape has three series for each. */
const NAME = /^# TYPE (\S+) /gm

let system: System
before(async () => {
  system = await sharedSystem()
})

test('each process tells the metrics of its page, all of them and no other', async () => {
  for (const service of ['api', 'consumer'] as const) {
    const names = [...(await scrape(service)).matchAll(NAME)].map(([, name = '']) => name)
    const ours = names.filter((name) => !/^(process|nodejs)_/.test(name))
    assert.deepEqual(
      ours.sort(),
      metricDefinitions(service)
        .map(({ name }) => name)
        .sort(),
    )
  }
})

test('no series names who sent, through what, to whom or what', async () => {
  await system.admin.createInstance('unnamed-lines')
  const { data: accepted } = await system.admin.api.POST('/v1/messages', {
    body: { instance: 'unnamed-lines', to: '+5511999994711', text: 'a secret of 4711' },
  })
  assert.ok(accepted?.status === 'accepted')
  await system.admin.follow(accepted.id, ['read'])
  const { id: user } = await dataOf(system.admin.api.GET('/v1/me'))
  const told = `${await scrape('api')}${await scrape('consumer')}`
  assert.match(told, /^whatsapp_sends_total\{.*outcome="sent".*\} [1-9]/m)
  // The value of a series may hold any digits: 4711 bytes name nobody.
  const named = told.replaceAll(/ [^ ]+$/gm, '')
  for (const secret of ['unnamed-lines', '4711', accepted.id, user, system.adminAccount.email, 'a secret']) {
    assert.ok(!named.includes(secret), secret)
  }
})

async function scrape(service: 'api' | 'consumer'): Promise<string> {
  const program = system.programs().find(({ name }) => name.startsWith(service))
  const response = await fetch(new URL('/metrics', program?.readyUrl))
  assert.equal(response.status, 200)
  return await response.text()
}
