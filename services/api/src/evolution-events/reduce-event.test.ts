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

  test('a login that ended, or a code to get one, says that a phone has to be paired, and keeps no code', () => {
    const expected = { ...HEAD, kind: 'connection', needsQr: true }
    assert.deepEqual(reduce('qrcode.updated', { qrcode: { code: 'CANARY', base64: 'CANARY' } }), expected)
    assert.deepEqual(reduce('logout.instance', undefined), expected)
    for (const reason of [401, 402, 403, 406]) {
      assert.deepEqual(reduce('connection.update', { state: 'close', statusReason: reason }), expected)
      assert.deepEqual(reduce('status.instance', { status: 'closed', disconnectionReasonCode: reason }), expected)
    }
    for (const reason of [200, 408, 428, 515])
      assert.deepEqual(reduce('connection.update', { state: 'close', statusReason: reason }), {
        ...HEAD,
        kind: 'connection',
      })
  })

  test('a recipient who writes SAIR or STOP and nothing else keeps his number and the word', () => {
    const expected = { ...HEAD, kind: 'opt-out', number: '+5511999991000', word: 'SAIR' }
    for (const text of ['SAIR', ' sair ', 'Sair!', '"SAIR".', '*sair*'])
      assert.deepEqual(reduce('messages.upsert', received({ text })), expected, text)
    const extended = { ...received({}), message: { extendedTextMessage: { text: 'stop' } } }
    assert.deepEqual(reduce('messages.upsert', extended), { ...expected, word: 'STOP' })
    const named = received({ text: 'SAIR', remoteJid: '123456789@lid' })
    for (const key of [
      { ...named.key, remoteJidAlt: '5511999991000@s.whatsapp.net' },
      { ...named.key, senderPn: '5511999991000:7@s.whatsapp.net' },
    ])
      assert.deepEqual(reduce('messages.upsert', { ...named, key }), expected)
  })

  test('of whatever else people write, or the phone itself, or a group, nothing is kept', () => {
    for (const text of ['', 'CANARY', 'sair agora', 'STOP 2', 'pode sair?', 'sairei', 'STOPP', 'SAIR SAIR'])
      assert.equal(reduce('messages.upsert', received({ text })), undefined, text)
    assert.equal(reduce('messages.upsert', received({ text: 'SAIR', fromMe: true })), undefined)
    for (const remoteJid of ['120363000@g.us', 'status@broadcast', '123456789@lid', '551199@s.whatsapp.net.evil'])
      assert.equal(reduce('messages.upsert', received({ text: 'SAIR', remoteJid })), undefined, remoteJid)
    const group = received({ text: 'SAIR', remoteJid: '120363000@g.us' })
    const inGroup = { ...group, key: { ...group.key, senderPn: '5511999991000@s.whatsapp.net' } }
    assert.equal(reduce('messages.upsert', inGroup), undefined)
  })

  test('what is of no use, or not as Evolution sends it, is nothing', () => {
    assert.equal(reduce('qrcode.updated', { message: 'QR code limit reached', statusCode: 500 }), undefined)
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

function received(o: { text?: string; remoteJid?: string; fromMe?: boolean }) {
  const { text, remoteJid = '5511999991000@s.whatsapp.net', fromMe = false } = o
  return { key: { id: '3A', remoteJid, fromMe }, message: { conversation: text }, pushName: 'CANARY' }
}

function reduce(event: string, data: unknown) {
  return reduceEvent({ event, instance: 'sales', data }, INSTANCE, NOW)
}

const INSTANCE: Instance = {
  id: 'i-1',
  name: 'sales',
  owner: 'u',
  ownerActive: true,
  channel: 'baileys',
  evolutionToken: 't',
  webhookSecretHash: 'h',
  paused: false,
  state: 'open',
  createdAt: NOW,
  updatedAt: NOW,
  revision: 1,
}
