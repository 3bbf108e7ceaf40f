import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { echoedHashOf, echoHashOf, type Message, textHashOf } from '../src/index.ts'
import { anyMessage } from './any-message.ts'

const TO = '5511999991000@s.whatsapp.net'

/** What is sent, and the part of Evolution's event that echoes it (recorded forms of Evolution API 2.3.6). */
const ECHOED: readonly (readonly [Message, unknown])[] = [
  [{ type: 'text', content: { text: 'hi' } }, { conversation: 'hi' }],
  [{ type: 'text', content: { text: 'h\0i', linkPreview: false } }, { extendedTextMessage: { text: 'hi' } }],
  [
    { type: 'location', content: { latitude: -23.55616, longitude: -46.66275, name: 'Shop' } },
    { locationMessage: { degreesLatitude: -23.55616, degreesLongitude: -46.66275, name: 'Shop', address: '' } },
  ],
  [
    { type: 'contacts', content: { contacts: [{ name: 'Ana', phone: '+5511988887001', organization: 'Care' }] } },
    {
      contactMessage: {
        displayName: 'Ana',
        vcard:
          'BEGIN:VCARD\nVERSION:3.0\nN:Ana\nFN:Ana\nORG:Care;\nitem1.TEL;waid=5511988887001:+5511988887001\nitem1.X-ABLabel:Celular\nEND:VCARD',
      },
    },
  ],
  [
    { type: 'poll', content: { question: 'When?', options: ['a', 'b'], selectableCount: 1 } },
    {
      messageContextInfo: { messageSecret: 'x' },
      pollCreationMessageV3: {
        name: 'When?',
        options: [{ optionName: 'a' }, { optionName: 'b' }],
        selectableOptionsCount: 1,
      },
    },
  ],
  [
    { type: 'reaction', content: { target: { id: '3EB0', fromMe: false }, emoji: '👍' } },
    { reactionMessage: { key: { id: '3EB0', remoteJid: TO, fromMe: false }, text: '👍' } },
  ],
  [
    {
      type: 'list',
      content: { title: 't', buttonText: 'b', sections: [{ title: 's', rows: [{ id: 'r', title: 'row' }] }] },
    },
    {
      listMessage: {
        title: 't',
        footerText: '',
        buttonText: 'b',
        listType: 2,
        sections: [{ title: 's', rows: [{ title: 'row', rowId: 'r' }] }],
      },
    },
  ],
]

test('what Evolution tells of a message is recognised as that message, and as none of another content', () => {
  const hashes = ECHOED.map(([message, echo]) => {
    const hash = echoHashOf(message)
    assert.ok(hash !== undefined, message.type)
    assert.equal(echoedHashOf({ key: {}, message: echo, contextInfo: { mentionedJid: [] } }), hash, message.type)
    return hash
  })
  // The two texts are one and the same.
  assert.equal(new Set(hashes).size, ECHOED.length - 1)
})

test('of a file no event proves anything, nor of an answer to another message or a text that calls people by name', () => {
  fc.assert(
    fc.property(anyMessage(), (message) => {
      const isProvable = ECHOED.some(([{ type }]) => type === message.type)
      const { content } = message
      if (!isProvable || 'quoted' in content || 'mentions' in content) assert.equal(echoHashOf(message), undefined)
    }),
  )
  const media = { imageMessage: { caption: 'hi', url: 'https://mmg.whatsapp.net/x' } }
  assert.equal(echoedHashOf({ message: media }), undefined)
  const conversation = 'hi'
  assert.equal(echoedHashOf({ message: { conversation }, contextInfo: { stanzaId: '3EB0' } }), undefined)
  assert.equal(echoedHashOf({ message: { conversation }, contextInfo: { mentionedJid: [TO] } }), undefined)
})

test('a text never passes for another kind, whatever it says', () => {
  fc.assert(
    fc.property(anyMessage(), fc.string(), (message, text) => {
      if (message.type !== 'text') assert.notEqual(echoHashOf(message), textHashOf(text.replaceAll('\0', '')))
    }),
  )
})

test('an event with anything in it makes no trouble', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (data) => {
      echoedHashOf(data)
      echoedHashOf({ message: data, contextInfo: data })
      echoedHashOf({ message: { locationMessage: data, pollCreationMessage: data, listMessage: data } })
    }),
  )
  assert.equal(echoHashOf({ type: 'hologram', content: {} }), undefined)
})
