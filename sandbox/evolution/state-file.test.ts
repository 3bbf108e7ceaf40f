import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { errorBody, eventually, startForTest } from './start-for-test.ts'

let stateDir: string

before(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'sandbox-'))
  const first = await startForTest({ stateDir, autoOpen: true, deliveredAfterMs: 60_000, readAfterMs: 60_000 })
  await first.create('kept', { token: 'tok-kept', webhook: { url: 'http://127.0.0.1:9/', events: [] } })
  await first.create('e1', { integration: 'EVOLUTION' })
  await first.create('closed')
  await first.setState('closed', 'close')
  await first.sendText('kept', '5511999991000', 'still here')
  await first.stop()
})
after(() => rm(stateDir, { recursive: true }))

const stateOf = (name: string, word?: string) =>
  JSON.stringify({ instance: { instanceName: name, ...(word === undefined ? {} : { state: word }) } })

test('instances, tokens, webhooks and messages survive a restart, and receipts still due come', async () => {
  const second = await startForTest({ stateDir })
  try {
    const state = async (name: string) => (await second.call('GET', `/instance/connectionState/${name}`)).text
    assert.equal(await state('closed'), stateOf('closed', 'close'))
    await eventually(
      () => state('kept'),
      (text) => text === stateOf('kept', 'open'),
    )
    const webhook = await second.call('GET', '/webhook/find/kept', undefined, { apikey: 'tok-kept' })
    assert.match(webhook.text, /"url":"http:\/\/127\.0\.0\.1:9\/"/)
    const view = async () => (await second.call('GET', '/sandbox/view')).text
    await eventually(view, (text) => /"content":\{"text":"still here"\},.*"status":"READ"/.test(text))
  } finally {
    await second.stop()
  }
})

test('while the server boots an instance is known and has no state, and EVOLUTION works at once', async () => {
  const booting = await startForTest({ stateDir, timeScale: 999 })
  try {
    assert.equal((await booting.call('GET', '/instance/connectionState/kept')).text, stateOf('kept'))
    const sent = await booting.sendText('kept', '5511999991000', 'too early')
    assert.equal(
      sent.text,
      JSON.stringify(errorBody(500, "Cannot read properties of undefined (reading 'textMessage')")),
    )
    const connect = await booting.call('GET', '/instance/connect/kept')
    assert.equal(connect.text, '{"error":true,"message":"[object Object]"}')
    assert.equal((await booting.sendText('e1', '5511999991000', 'at once')).status, 201)
  } finally {
    await booting.stop()
  }
})

test('a damaged state is told by its path and left as it is', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sandbox-'))
  const path = join(folder, 'evolution.json')
  try {
    for (const text of ['{"instances": [', '{}']) {
      await writeFile(path, text)
      await assert.rejects(startForTest({ stateDir: folder }), { message: new RegExp(`^${path} is not a state`) })
      assert.equal(await readFile(path, 'utf8'), text)
    }
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('a login survives a stop while it loads', async () => {
  const third = await startForTest({ stateDir })
  try {
    const state = async () => (await third.call('GET', '/instance/connectionState/kept')).text
    await eventually(state, (text) => text === stateOf('kept', 'open'))
  } finally {
    await third.stop()
  }
})
