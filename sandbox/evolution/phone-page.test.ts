import assert from 'node:assert/strict'
import { request } from 'node:http'
import { after, before, test } from 'node:test'
import { startForTest } from './start-for-test.ts'

let sandbox: Awaited<ReturnType<typeof startForTest>>

before(async () => {
  sandbox = await startForTest({ autoOpen: true })
})
after(() => sandbox.stop())

/** `fetch` does not let a caller choose the Host header. */
function statusOf(method: string, path: string, headers: Record<string, string>, url = sandbox.url): Promise<number> {
  return new Promise((resolve, reject) => {
    const req = request(url + path, { method, headers }, (res) => {
      res.resume()
      resolve(res.statusCode ?? 0)
    })
    req.on('error', reject)
    req.end()
  })
}

test('a browser gets the phone at the start page, with a policy that allows nothing from elsewhere', async () => {
  const response = await fetch(sandbox.url, { headers: { accept: 'text/html,*/*' } })
  assert.match(response.headers.get('content-type') ?? '', /^text\/html/)
  const policy = response.headers.get('content-security-policy') ?? ''
  assert.match(policy, /^default-src 'none'; script-src 'self'; style-src 'self';/)
  assert.doesNotMatch(policy, /unsafe/)
  assert.match(await response.text(), /<title>Sandbox phone<\/title>/)
})

test('every file the page asks for is served', async () => {
  const page = await (await fetch(`${sandbox.url}/phone`)).text()
  const wanted = [...page.matchAll(/(?:href|src)="(\/phone\/[^"]+)"/g)].map(([, path = '']) => path)
  const seen = new Set<string>()
  for (const path of wanted) {
    if (seen.has(path)) continue
    seen.add(path)
    const response = await fetch(`${sandbox.url}${path}`)
    assert.equal(response.status, 200, path)
    assert.match(
      response.headers.get('content-type') ?? '',
      /^(text\/(css|javascript); charset=utf-8|image\/svg\+xml)$/,
    )
    const imports = [...(await response.text()).matchAll(/^import .*'\.(\/[\w-]+\.js)'$/gm)]
    wanted.push(...imports.map(([, file]) => `/phone${file}`))
  }
  assert.ok(seen.size >= 30, `${seen.size} files`)
})

test('the page never sees a token', async () => {
  await sandbox.create('secretive', { token: 'do-not-show' })
  const { body } = await sandbox.call('GET', '/sandbox/view')
  assert.match(JSON.stringify(body), /secretive/)
  assert.doesNotMatch(JSON.stringify(body), /do-not-show/)
})

test('the stream tells an open page of a message and its ticks', async () => {
  await sandbox.create('streamed')
  const stream = await fetch(`${sandbox.url}/sandbox/stream`)
  await sandbox.sendText('streamed', '5511999991000', '<img src=x>')
  let text = ''
  const decoder = new TextDecoder()
  for await (const chunk of stream.body ?? []) {
    text += decoder.decode(chunk)
    if (text.includes('"status":"READ"')) break
  }
  assert.match(text, /event: changes\ndata: \[.*"kind":"message".*"text":"<img src=x>"/)
})

test('a name that was rebound to this address gets neither the phone nor the journals', async () => {
  for (const path of ['/phone', '/sandbox/messages', '/sandbox/stream', '/sandbox/view']) {
    assert.equal(await statusOf('GET', path, { host: 'evil.example' }), 403, path)
  }
  assert.equal(await statusOf('GET', '/sandbox/stats', { host: 'localhost:1234' }), 200)
})

test('while the key is the one that everybody knows, a rebound name does not get the API either', async () => {
  const known = await startForTest({ apiKey: 'sandbox' })
  const path = '/instance/fetchInstances'
  const ask = (url: string, host: string) => statusOf('GET', path, { host, apikey: 'sandbox' }, url)
  try {
    assert.equal(await ask(known.url, 'evil.example'), 403)
    assert.equal(await ask(known.url, 'localhost:1234'), 200)
    assert.equal(await ask(sandbox.url, 'evolution.internal'), 401)
  } finally {
    await known.stop()
  }
})

test('allowed hosts may be IPv6 addresses', async () => {
  const far = await startForTest({ allowedHosts: ['fd00::1', 'Phone.Test'] })
  try {
    for (const host of ['[fd00::1]:8080', 'phone.test'])
      assert.equal(await statusOf('GET', '/phone', { host }, far.url), 200)
  } finally {
    await far.stop()
  }
})

test('HEAD is answered where GET is, for those who wait for a server that way', async () => {
  for (const path of ['/', '/phone']) assert.equal(await statusOf('HEAD', path, {}), 200, path)
})

test('a page from elsewhere cannot change the sandbox', async () => {
  const path = '/sandbox/instances/secretive/scan'
  assert.equal(await statusOf('POST', path, { origin: 'https://evil.example' }), 403)
  assert.equal(await statusOf('POST', path, { origin: sandbox.url }), 200)
})
