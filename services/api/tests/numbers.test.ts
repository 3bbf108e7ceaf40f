import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type ApiUnderTest, startApi, type TestUser } from './api-under-test.ts'
import { faultyFields } from './client.ts'

let api: ApiUnderTest
let ana: TestUser

before(async () => {
  api = await startApi()
  ana = await api.user('ana@example.com')
  await ana.post('/v1/instances', { name: 'sales' })
  await ana.post('/v1/instances/sales/connect')
})
after(() => api.stop())

describe('a check of numbers', () => {
  test('tells of each, once and in the order given, whether it is on WhatsApp', async () => {
    const numbers = ['+55 11 99999-0404', '11 99999-2000', '+5511999992000', '+5531988882000']
    const { status, body } = await check('sales', numbers)
    assert.equal(status, 200)
    assert.deepEqual(body, {
      instance: 'sales',
      numbers: [
        { number: '+5511999990404', exists: false },
        { number: '+5511999992000', exists: true, jid: '5511999992000@s.whatsapp.net' },
        { number: '+5531988882000', exists: true, jid: '553188882000@s.whatsapp.net' },
      ],
    })
    const again = await check('sales', numbers)
    assert.deepEqual(again.body, body, 'what is remembered is told as it was')
  })

  test('of numbers that are known to exist needs no phone, and of others does', async () => {
    await check('sales', ['+5511999993000'])
    await ana.post('/v1/instances/sales/logout')
    assert.deepEqual((await check('sales', ['+5511999993000'])).status, 200)
    const refused = await check('sales', ['+5511999993000', '+5511999994000'])
    assert.deepEqual([refused.status, refused.body['code']], [409, 'instance-not-connected'])
    await ana.post('/v1/instances/sales/connect')
    assert.equal((await check('sales', ['+5511999993000', '+5511999994000'])).status, 200)
  })

  test('asks WhatsApp a hundred times a minute at most, for each instance', async () => {
    await ana.post('/v1/instances', { name: 'eager' })
    await ana.post('/v1/instances/eager/connect')
    const some = (from: number) => Array.from({ length: 50 }, (_, n) => `+55119888${from + n}`)
    for (const from of [10_000, 20_000]) assert.equal((await check('eager', some(from))).status, 200)
    const refused = await check('eager', ['+5511988830000'])
    assert.deepEqual([refused.status, refused.body['code']], [429, 'too-many-requests'])
    assert.ok(Number(refused.headers.get('retry-after')) > 0)
    assert.equal((await check('eager', some(10_000))).status, 200, 'what is remembered costs nothing')
    assert.equal((await check('sales', ['+5511988830000'])).status, 200)
  })

  test('through an instance that is another’s is as through one that is missing', async () => {
    const bob = await api.user('bob@example.com')
    const [foreign, missing] = await Promise.all(
      ['sales', 'nowhere'].map((instance) => bob.post('/v1/numbers/check', { instance, numbers: ['+5511999992000'] })),
    )
    assert.deepEqual([foreign?.status, foreign?.body['code']], [404, 'instance-not-found'])
    assert.deepEqual([missing?.status, missing?.body['code']], [404, 'instance-not-found'])
  })

  test('of what is no number, of none or of more than fifty is refused', async () => {
    for (const [numbers, fields] of [
      [
        ['+5511999992000', 'abc', { $ne: 1 }],
        ['numbers.1', 'numbers.2'],
      ],
      [[], ['numbers']],
      [Array.from({ length: 51 }, (_, n) => `+55119888400${n + 10}`), ['numbers']],
    ] as const) {
      const refused = await check('sales', numbers)
      assert.deepEqual([refused.status, faultyFields(refused)], [400, fields])
    }
  })
})

async function check(instance: string, numbers: readonly unknown[]) {
  return await ana.post('/v1/numbers/check', { instance, numbers })
}
