import assert from 'node:assert/strict'
import { request } from 'node:http'
import { text } from 'node:stream/consumers'
import { after, before, describe, test } from 'node:test'
import { type ApiUnderTest, startApi, type TestUser } from './api-under-test.ts'
import { type Answer, faultyFields } from './client.ts'

let api: ApiUnderTest
let ana: TestUser

before(async () => {
  api = await startApi()
  ana = await api.user('ana@example.com')
  await ana.post('/v1/instances', { name: 'sales' })
})
after(async () => {
  assert.equal(await api.topics.countMessages(), 0, 'something refused is in the topic')
  await api.stop()
})

const MESSAGE = { instance: 'sales', to: '+5511999991000', text: 'olá' }

describe('bad input gets a problem that names the fault, and nothing in Kafka', () => {
  test('malformed JSON', async () => {
    for (const body of ['{"instance": ', '"text"', 'null', '7', '{} {}']) {
      const answer = await ana.post('/v1/messages', body)
      assertProblem(answer, 400, 'malformed-json')
      assert.deepEqual(faultyFields(answer), ['body'])
    }
    assertProblem(await ana.post('/v1/messages', '[]'), 400, 'invalid-request')
    assertProblem(await ana.post('/v1/messages'), 400, 'invalid-request')
  })

  test('text that is not UTF-8, which would reach the handset as question marks', async () => {
    const latin1 = Buffer.from(JSON.stringify(MESSAGE), 'latin1')
    assertProblem(await ana.post('/v1/messages', latin1), 400, 'malformed-json')
    for (const charset of ['iso-8859-1', 'windows-1252', '"utf-16"']) {
      const headers = { 'content-type': `application/json; charset=${charset}` }
      assertProblem(await ana.post('/v1/messages', MESSAGE, headers), 415, 'unsupported-media-type')
    }
  })

  test('a field that is missing is said to be required', async () => {
    const { body } = await ana.post('/v1/messages', { instance: 'sales', to: '+5511999991000' })
    assert.deepEqual(body['errors'], [{ field: 'text', message: 'is required' }])
  })

  test('a field of the wrong type, missing, or unknown', async () => {
    const cases: readonly (readonly [body: unknown, fields: string[]])[] = [
      [{ ...MESSAGE, text: 5 }, ['text']],
      [{ ...MESSAGE, text: '' }, ['text']],
      [{ ...MESSAGE, text: '\0' }, ['text']],
      [{ ...MESSAGE, text: ' \n\0\t' }, ['text']],
      [{ ...MESSAGE, text: 'x'.repeat(4097) }, ['text']],
      [{ ...MESSAGE, text: { $ne: '' } }, ['text']],
      [{ ...MESSAGE, instance: ['sales'] }, ['instance']],
      [{ instance: 'sales' }, ['text', 'to']],
      [{ ...MESSAGE, user: 'x', $where: '1' }, ['$where', 'user']],
      [{ ...MESSAGE, onAmbiguous: 'maybe' }, ['onAmbiguous']],
      [{ ...MESSAGE, type: 'gif' }, ['type']],
    ]
    for (const [body, fields] of cases) {
      const answer = await ana.post('/v1/messages', body)
      assertProblem(answer, 400, 'invalid-request')
      assert.deepEqual(faultyFields(answer), fields)
    }
    const polluted = await ana.post('/v1/messages', '{"instance":"sales","__proto__":{"admin":true}}')
    assert.ok(faultyFields(polluted).includes('__proto__'))
  })

  test('numbers that are none', async () => {
    for (const to of ['', 'abc', '12', '+55', '+5511', 'sales@g.us', '5511999991000@s.whatsapp.net', '9'.repeat(50)]) {
      const answer = await ana.post('/v1/messages', { ...MESSAGE, to })
      assertProblem(answer, 400, 'invalid-request')
      assert.deepEqual(faultyFields(answer), ['to'], to)
    }
  })

  test('instance names that are a path, a query or a header', async () => {
    for (const instance of ['../instance/delete/x', 'a/b', 'a?b#c', 'a\r\nx: y', '..', '', 'x'.repeat(65), 'á']) {
      const sent = await ana.post('/v1/messages', { ...MESSAGE, instance })
      assertProblem(sent, 400, 'invalid-request')
      assert.deepEqual(faultyFields(sent), ['instance'])
      const created = await ana.post('/v1/instances', { name: instance })
      assertProblem(created, 400, 'invalid-request')
      assert.deepEqual(faultyFields(created), ['name'])
    }
    for (const path of ['a%2Fb', '..%2f..', 'a%3Fb', 'a%0d%0ab']) {
      const read = await ana.get(`/v1/instances/${path}`)
      assertProblem(read, 400, 'invalid-request')
      assert.deepEqual(faultyFields(read), ['name'])
    }
    const undecodable = await ana.get('/v1/instances/%E0%A4%A')
    assertProblem(undecodable, 400, 'invalid-request')
    assert.deepEqual(faultyFields(undecodable), ['path'])
  })

  test('bodies that are too large, compressed, deep, or not JSON', async () => {
    assertProblem(await ana.post('/v1/messages', { ...MESSAGE, text: 'x'.repeat(65 * 1024) }), 413, 'too-large')
    assertProblem(await ana.post('/v1/messages', Buffer.alloc(10 * 1024 * 1024, 'x')), 413, 'too-large')
    const gzip = { 'content-encoding': 'gzip' }
    assertProblem(await ana.post('/v1/messages', Buffer.alloc(100), gzip), 415, 'unsupported-media-type')
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    assertProblem(await ana.post('/v1/messages', 'instance=sales', form), 415, 'unsupported-media-type')
    const deep = `{"text":${'['.repeat(10_000)}${']'.repeat(10_000)}}`
    const spent = process.cpuUsage()
    assertProblem(await ana.post('/v1/messages', deep), 400, 'invalid-request')
    assert.ok(cpuMsSince(spent) < 500)
  })

  test('a text of the old route that is no base64, at once however long it is', async () => {
    const body = { instance: 'sales', recipient_number: '5511999991000', is_message_base64: true }
    for (const message of ['!', 'olá', '/w==', `${' '.repeat(20_000)}!`, `${' '.repeat(60_000)}!`]) {
      const spent = process.cpuUsage()
      const answer = await ana.post('/whatsappsender/message', { ...body, message })
      assertProblem(answer, 400, 'invalid-request')
      assert.deepEqual(faultyFields(answer), ['message'])
      assert.ok(cpuMsSince(spent) < 100)
    }
  })

  test('the old route names a field as the caller did', async () => {
    const cases: readonly (readonly [body: object, fields: string[]])[] = [
      [{ sender_instance: 'a/b', receiver_number: 'x', message: 'olá' }, ['receiver_number', 'sender_instance']],
      [{ instance: 'a/b', receiver_number: 'x', message: 'olá' }, ['instance', 'receiver_number']],
      [{ message: ' ' }, ['instance', 'message', 'recipient_number']],
    ]
    for (const [body, fields] of cases) {
      assert.deepEqual(faultyFields(await ana.post('/whatsappsender/message', body)), fields)
    }
  })

  test('idempotency keys that are two, or not printable ASCII', async () => {
    assertProblem(await twoKeys(), 400, 'invalid-request')
    for (const key of ['', 'ã', 'x'.repeat(256)]) {
      assertProblem(await ana.post('/v1/messages', MESSAGE, { 'idempotency-key': key }), 400, 'invalid-request')
    }
  })

  test('ids and queries that are none', async () => {
    assertProblem(await ana.get('/v1/messages/x'), 400, 'invalid-request')
    const injected = await ana.get('/v1/messages/0192f0c1-0000-7000-8000-000000000000?id[$gt]=')
    assertProblem(injected, 400, 'invalid-request')
    assertProblem(await api.admin.get('/v1/users?status[$ne]=approved'), 400, 'invalid-request')
    assertProblem(await api.admin.get('/v1/users?limit=1e3'), 400, 'invalid-request')
    for (const cursor of ['x', 'nobody', '0'.repeat(23), 'g'.repeat(24)]) {
      assert.deepEqual(faultyFields(await api.admin.get(`/v1/users?cursor=${cursor}`)), ['cursor'])
    }
  })

  test('routes and methods that do not exist', async () => {
    assertProblem(await ana.get('/v2'), 404, 'not-found')
    assertProblem(await ana.get('/metrics'), 404, 'not-found')
    const answer = await ana.call('DELETE', '/v1/instances')
    assertProblem(answer, 405, 'method-not-allowed')
    assert.equal(answer.headers.get('allow'), 'GET, HEAD, POST, OPTIONS')
    const options = await ana.call('OPTIONS', '/v1/instances')
    assert.deepEqual([options.status, options.headers.get('allow')], [204, 'GET, HEAD, POST, OPTIONS'])
  })

  test('an instance that nobody has', async () => {
    assertProblem(await ana.post('/v1/messages', { ...MESSAGE, instance: 'nobody' }), 404, 'instance-not-found')
  })
})

/** `fetch` would join them itself. */
function twoKeys(): Promise<Answer> {
  const body = JSON.stringify(MESSAGE)
  const headers = { authorization: `Bearer ${String(ana.token)}`, 'content-type': 'application/json' }
  return new Promise((resolve, reject) => {
    const req = request(`${api.url}/v1/messages`, { method: 'POST', headers }, (res) => {
      void text(res).then((answer) => {
        const entries = Object.entries(res.headers).map(([name, value]): [string, string] => [name, String(value)])
        resolve({ status: res.statusCode ?? 0, headers: new Headers(entries), body: JSON.parse(answer) })
      })
    })
    req.setHeader('Idempotency-Key', ['a', 'b'])
    req.on('error', reject).end(body)
  })
}

function assertProblem({ status, headers, body }: Answer, expected: number, code: string): void {
  assert.equal(body['code'], code, JSON.stringify(body))
  assert.equal(status, expected)
  assert.equal(body['status'], expected)
  assert.match(String(headers.get('content-type')), /^application\/problem\+json/)
  assert.equal(body['message'], body['detail'])
  assert.ok(headers.get('request-id'))
}

/** Of this process, in which the API runs: what others on the machine do does not count. */
function cpuMsSince(spent: NodeJS.CpuUsage): number {
  return process.cpuUsage(spent).user / 1000
}
