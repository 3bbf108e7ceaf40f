import assert from 'node:assert/strict'
import type { RequestListener } from 'node:http'
import { beforeEach, describe, test } from 'node:test'
import { dataOf } from '@whatsapp-sender/client'
import { createSenderApi, type FindApi, SenderUnavailableError } from './sender-api.ts'
import { serveForTest } from './serve-for-test.ts'

const DOWN = { reason: 'ApiUnreachable', message: 'It does not answer.' } as const
const calls: string[] = []
let answering = 0

describe('the way to the API of a sender', () => {
  beforeEach(() => {
    calls.length = 0
    answering = 0
  })

  test('is closed by a call without an answer, and opened by a probe that has one', async () => {
    let isUp = false
    const baseUrl = await serveForTest((req, res) => (isUp ? list(res) : void req.socket.destroy()))
    const api = senderApi(async () => ({ baseUrl, token: 't' }))
    await assert.rejects(ask(api.call), isUnavailable('ApiUnreachable'))
    assert.ok(api.downSince() !== undefined)
    isUp = true
    await assert.rejects(ask(api.call), isUnavailable('ApiUnreachable'))
    assert.deepEqual(calls, ['list failed'], 'the second was not even made')
    await ask(api.probe)
    assert.deepEqual([api.downSince(), answering], [undefined, 1])
    await ask(api.call)
    assert.deepEqual(calls, ['list failed', 'list done', 'list done'])
  })

  test('is closed by what stands between and has no answer of the API', async () => {
    const baseUrl = await serveForTest((_, res) => void res.writeHead(503).end('no healthy upstream'))
    const api = senderApi(async () => ({ baseUrl, token: 't' }))
    await assert.rejects(ask(api.call), isUnavailable('ApiUnreachable'))
  })

  test('is not closed by an answer that says no', async () => {
    const baseUrl = await serveForTest((_, res) => problem(res, 503, 'unavailable'))
    const api = senderApi(async () => ({ baseUrl, token: 't' }))
    await assert.rejects(ask(api.call), { code: 'unavailable', status: 503 })
    assert.deepEqual([api.downSince(), calls], [undefined, ['list failed']])
  })

  test('is tried with the token of now when the one from before is refused', async () => {
    let token = 'old'
    const baseUrl = await serveForTest((req, res) => {
      if (req.headers.authorization === `Bearer ${token}`) list(res)
      else problem(res, 401, 'unauthenticated')
    })
    let known = 'old'
    const api = senderApi(async () => ({ baseUrl, token: known }))
    await ask(api.call)
    token = 'new'
    known = 'new'
    await ask(api.call)
    token = 'newest'
    await assert.rejects(ask(api.call), isUnavailable('TokenRefused'))
  })

  test('is not gone while there is no sender, and needs no probe once there is one', async () => {
    const baseUrl = await serveForTest((_, res) => list(res))
    let isThere = false
    const missing = { reason: 'SenderMissing', message: 'There is none.' } as const
    const api = senderApi(async () => (isThere ? { baseUrl, token: 't' } : missing))
    await assert.rejects(ask(api.call), isUnavailable('SenderMissing'))
    isThere = true
    await ask(api.call)
  })
})

function senderApi(find: FindApi) {
  return createSenderApi({
    find,
    unreachable: () => DOWN,
    onCalled: (call, result) => calls.push(`${call} ${result}`),
    onAnswering: () => {
      answering += 1
    },
  })
}

function ask(call: ReturnType<typeof senderApi>['call']): Promise<unknown> {
  return call('list', (client, signal) => dataOf(client.GET('/v1/instances', { signal })))
}

function list(res: Parameters<RequestListener>[1]): void {
  res.writeHead(200, { 'content-type': 'application/json' }).end('{"data":[],"next":null}')
}

function problem(res: Parameters<RequestListener>[1], status: number, code: string): void {
  const body = JSON.stringify({ code, detail: code, status })
  res.writeHead(status, { 'content-type': 'application/problem+json' }).end(body)
}

function isUnavailable(reason: string) {
  return (error: unknown) => error instanceof SenderUnavailableError && error.reason === reason
}
