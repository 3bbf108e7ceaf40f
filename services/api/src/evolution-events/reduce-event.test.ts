import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { textHashOf } from '@whatsapp-sender/contract'
import type { Instance } from '@whatsapp-sender/store'
import { reduceEvent } from './reduce-event.ts'

const NOW = new Date('2026-01-02T03:04:05.000Z')
const HEAD = { v: 1, instance: 'sales', instanceId: 'i-1', receivedAt: NOW.toISOString() }

describe('an event of Evolution is reduced to what is used', () => {
  test('a receipt keeps the key and the status', () => {
    const data = {
      keyId: '3EB0',
      remoteJid: '5511999991000@s.whatsapp.net',
      fromMe: true,
      status: 'READ',
      instanceId: 'x',
    }
    assert.deepEqual(reduce('messages.update', data), { ...HEAD, kind: 'receipt', keyId: '3EB0', status: 'READ' })
  })

  test('a sent message keeps the hash of its text, in both forms of a text', () => {
    const key = { id: '3EB0', remoteJid: '5511999991000@s.whatsapp.net', fromMe: true }
    const expected = { ...HEAD, kind: 'sent', keyId: '3EB0', remoteJid: key.remoteJid, textHash: textHashOf('olá') }
    assert.deepEqual(reduce('send.message', { key, message: { conversation: 'olá' } }), expected)
    assert.deepEqual(reduce('send.message', { key, message: { extendedTextMessage: { text: 'olá' } } }), expected)
  })

  test('a change of the connection keeps nothing but that it came', () => {
    for (const event of ['connection.update', 'status.instance', 'CONNECTION_UPDATE']) {
      assert.deepEqual(reduce(event, { state: 'open', wuid: 'x' }), { ...HEAD, kind: 'connection' })
    }
  })

  test('what is of no use, or not as Evolution sends it, is nothing', () => {
    assert.equal(reduce('qrcode.updated', { qrcode: { code: 'secret' } }), undefined)
    assert.equal(reduce('messages.update', { keyId: '3EB0', status: 'NEW_WORD' }), undefined)
    assert.equal(reduce('messages.update', { keyId: 'k'.repeat(300), status: 'READ' }), undefined)
    assert.equal(reduce('send.message', null), undefined)
  })

  test('no token, number or text of the envelope gets through', () => {
    const message = { conversation: 'CANARY' }
    const data = { key: { id: '1', remoteJid: 'j' }, message, pushName: 'CANARY', apikey: 'CANARY' }
    assert.doesNotMatch(JSON.stringify(reduce('send.message', data)), /CANARY/)
  })
})

function reduce(event: string, data: unknown) {
  return reduceEvent({ event, instance: 'sales', data }, INSTANCE, NOW)
}

const INSTANCE: Instance = {
  id: 'i-1',
  name: 'sales',
  owner: 'u',
  ownerActive: true,
  evolutionToken: 't',
  webhookSecretHash: 'h',
  paused: false,
  state: 'open',
  createdAt: NOW,
  updatedAt: NOW,
  revision: 1,
}
