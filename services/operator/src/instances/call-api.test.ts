import assert from 'node:assert/strict'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { callApi } from './call-api.ts'
import { serveForTest } from './serve-for-test.ts'

test('a call arrives as it is, and so does its answer', async () => {
  const url = await serveForTest((req, res) => {
    const { method, url: path, headers } = req
    const head = { method, path, type: headers['content-type'], token: headers.authorization }
    res.writeHead(409, { 'retry-after': '7' })
    void text(req).then((body) => res.end(JSON.stringify({ ...head, body })))
  })
  const headers = { 'content-type': 'application/json', authorization: 'Bearer t' }
  const answer = await callApi(
    new Request(`${url}/v1/a%20b?limit=1`, { method: 'PATCH', headers, body: '{"a":"ção"}' }),
  )
  assert.deepEqual([answer.status, answer.headers.get('retry-after')], [409, '7'])
  const asked = { method: 'PATCH', path: '/v1/a%20b?limit=1', type: 'application/json', token: 'Bearer t' }
  assert.deepEqual(await answer.json(), { ...asked, body: '{"a":"ção"}' })
})

test('an answer without a body has none', async () => {
  const url = await serveForTest((_, res) => void res.writeHead(204).end())
  const answer = await callApi(new Request(url, { method: 'DELETE' }))
  assert.deepEqual([answer.status, answer.body], [204, null])
})

test('a call ends with the reason of its signal, whatever of the answer has come', async () => {
  const url = await serveForTest((req, res) => {
    if (req.url === '/half') res.write('{"data":')
  })
  for (const path of ['/none', '/half']) {
    const call = callApi(new Request(`${url}${path}`, { signal: AbortSignal.timeout(200) }))
    await assert.rejects(call, { name: 'TimeoutError' })
  }
})
