import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { isJsonObject } from './json.ts'
import { eventually, startForTest } from './start-for-test.ts'

test('instances, tokens, webhooks and messages survive a restart, and receipts still due come', async () => {
  const stateDir = await mkdtemp(join(tmpdir(), 'sandbox-'))
  try {
    const first = await startForTest({ stateDir, autoOpen: true, deliveredAfterMs: 60_000, readAfterMs: 60_000 })
    await first.create('kept', { token: 'tok-kept', webhook: { url: 'http://127.0.0.1:9/', events: [] } })
    await first.sendText('kept', '5511999991000', 'still here')
    await first.create('closed')
    await first.setState('closed', 'close')
    await first.stop()

    const second = await startForTest({ stateDir })
    const state = async (name: string) =>
      JSON.stringify((await second.call('GET', `/instance/connectionState/${name}`, undefined)).body)
    assert.match(await state('kept'), /"state":"open"/)
    assert.match(await state('closed'), /"state":"close"/)
    const webhook = await second.call('GET', '/webhook/find/kept', undefined, { apikey: 'tok-kept' })
    assert.equal(isJsonObject(webhook.body) && webhook.body['url'], 'http://127.0.0.1:9/')
    const view = async () => JSON.stringify((await second.call('GET', '/sandbox/view')).body)
    await eventually(view, (text) => /"text":"still here"}.*"status":"READ"/.test(text))
    await second.stop()
  } finally {
    await rm(stateDir, { recursive: true })
  }
})
