import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { type ApiUnderTest, startApi } from './api-under-test.ts'

let api: ApiUnderTest
/** Begun first, for it takes the longest. */
let slow: ReturnType<typeof exchange>

before(async () => {
  api = await startApi()
  slow = exchange('GET / HTTP/1.1\r\nHost: x\r\n')
})
after(() => api.stop())

const POST = 'POST /v1/messages HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n'
const TEN_MEGABYTES = 10 * 1024 * 1024

describe('a body that is too large', () => {
  test('is refused by its announced length, before any of it has come, and the connection ends', async () => {
    const { text, seconds } = await exchange(`${POST}Content-Length: ${TEN_MEGABYTES}\r\n\r\n`)
    assertProblem(text, 413, 'too-large')
    assert.ok(seconds < 2, String(seconds))
  })

  test('is not asked for; one that is not too large is', async () => {
    const large = await exchange(`${POST}Expect: 100-continue\r\nContent-Length: ${TEN_MEGABYTES}\r\n\r\n`)
    assertProblem(large.text, 413, 'too-large')
    const small = await exchange(`${POST}Expect: 100-continue\r\nConnection: close\r\nContent-Length: 2\r\n\r\n`, '{}')
    assert.match(small.text, /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 401 /)
  })

  test('of no announced length is refused where it grows too large, and no more of it is taken for long', async () => {
    const chunk = `4000\r\n${' '.repeat(0x4000)}\r\n`
    const { text, seconds } = await exchange(`${POST}Transfer-Encoding: chunked\r\n\r\n`, chunk, { repeats: true })
    assertProblem(text, 413, 'too-large')
    assert.ok(seconds < 3, String(seconds))
  })

  test('nobody asked for ends the connection of whoever sends it', async () => {
    const head = 'POST /v1/evolution/events HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n'
    const { text, seconds } = await exchange(`${head}Transfer-Encoding: chunked\r\n\r\n`)
    assertProblem(text, 401, 'unauthenticated')
    assert.ok(seconds < 2, String(seconds))
  })
})

describe('what is hardly a request', () => {
  test('gets a problem as everything else does', async () => {
    assertProblem((await exchange('nonsense\r\n\r\n')).text, 400, 'invalid-request')
    assertProblem(
      (await exchange(`GET / HTTP/1.1\r\nHost: x\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`)).text,
      431,
      'headers-too-large',
    )
  })

  test('is in the log by the id of its answer', async () => {
    const { text } = await exchange('nonsense\r\n\r\n')
    const [, id] = /\r\nRequest-Id: (\S+)\r\n/.exec(text) ?? []
    assert.match(api.logs(), new RegExp(`"requestId":"${id}".*request unreadable`))
  })

  test('has one Host', async () => {
    const head = 'GET / HTTP/1.1\r\nConnection: close\r\n'
    for (const hosts of ['', 'Host: a\r\nhost: b\r\n']) {
      assertProblem((await exchange(`${head}${hosts}\r\n`)).text, 400, 'invalid-request')
    }
    assert.match((await exchange(`${head}Host: a\r\n\r\n`)).text, /^HTTP\/1\.1 200 /)
    assert.match((await exchange('GET / HTTP/1.0\r\n\r\n')).text, /^HTTP\/1\.1 200 /)
  })

  test('is ended ten seconds after it began, give or take two', async () => {
    const { text, seconds } = await slow
    assertProblem(text, 408, 'request-timeout')
    assert.ok(seconds < 14, String(seconds))
  })
})

/** Sends `head`, then `body` as soon as it is asked for (or for ever), and reads until the server ends the connection. */
async function exchange(head: string, body = '', o: { repeats?: boolean } = {}) {
  const startedAt = performance.now()
  const socket = connect({ host: '127.0.0.1', port: Number(new URL(api.url).port) })
  let text = ''
  let isOver = false
  const send = () => {
    while (!isOver && socket.write(body) && o.repeats) {
      // As fast as it is taken.
    }
  }
  socket.setEncoding('utf8').on('data', (part: string) => {
    if (text === '' && part.startsWith('HTTP/1.1 100')) send()
    text += part
  })
  socket.on('error', () => {})
  socket.on('end', () => {
    isOver = true
    socket.destroy()
  })
  socket.write(head)
  if (o.repeats) {
    socket.on('drain', send)
    send()
  }
  await new Promise((resolve) => {
    socket.on('close', resolve)
  })
  return { text, seconds: (performance.now() - startedAt) / 1000 }
}

function assertProblem(text: string, status: number, code: string): void {
  assert.match(text, new RegExp(`^HTTP/1\\.1 ${status} `))
  assert.match(text, /\r\ncontent-type: application\/problem\+json/i)
  assert.ok(text.includes(`"code":"${code}"`), text)
  const [, id] = /\r\nrequest-id: (\S+)\r\n/i.exec(text) ?? []
  assert.ok(id !== undefined && text.includes(`"requestId":"${id}"`), text)
}
