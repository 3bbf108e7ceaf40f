import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Message } from '@whatsapp-sender/contract'
import { createEvolutionClient } from '../src/index.ts'
import { answerJson, startServer } from './server.ts'

const NUMBER = '5511999991000'
const MEDIA = { url: 'https://example.com/a.pdf', mimetype: 'application/pdf', fileName: 'a.pdf' }
const FILE = { media: MEDIA.url, mimetype: MEDIA.mimetype, fileName: MEDIA.fileName }
const KNOWN = { id: '3EB0', remoteJid: `${NUMBER}@s.whatsapp.net`, fromMe: true, text: 'the first' }
const QUOTED = { key: { id: '3EB0', remoteJid: KNOWN.remoteJid, fromMe: true }, message: { conversation: 'the first' } }

/** Each kind, the route it takes, and the body without the number. */
const SENT: readonly (readonly [message: Message, route: string, body: object])[] = [
  [{ type: 'text', content: { text: 'hi' } }, 'sendText', { text: 'hi' }],
  [
    { type: 'text', content: { text: '@5511988887001', linkPreview: false, mentions: ['+5511988887001'] } },
    'sendText',
    { text: '@5511988887001', linkPreview: false, mentioned: ['5511988887001'] },
  ],
  [
    { type: 'text', content: { text: 'all', mentions: 'everyone' } },
    'sendText',
    { text: 'all', mentionsEveryOne: true },
  ],
  [
    { type: 'image', content: { media: { url: MEDIA.url }, caption: 'c' } },
    'sendMedia',
    { mediatype: 'image', media: MEDIA.url, caption: 'c' },
  ],
  [{ type: 'video', content: { media: MEDIA } }, 'sendMedia', { mediatype: 'video', ...FILE }],
  [{ type: 'document', content: { media: MEDIA } }, 'sendMedia', { mediatype: 'document', ...FILE }],
  [{ type: 'audio', content: { media: MEDIA } }, 'sendMedia', { mediatype: 'audio', ...FILE }],
  [{ type: 'voice', content: { media: MEDIA } }, 'sendWhatsAppAudio', { audio: MEDIA.url }],
  [{ type: 'sticker', content: { media: MEDIA } }, 'sendSticker', { sticker: MEDIA.url }],
  [
    { type: 'roundVideo', content: { media: MEDIA } },
    'sendPtv',
    { video: MEDIA.url, mimetype: MEDIA.mimetype, fileName: MEDIA.fileName },
  ],
  [
    { type: 'location', content: { latitude: 1.5, longitude: -2, name: 'Shop' } },
    'sendLocation',
    { latitude: 1.5, longitude: -2, name: 'Shop', address: '' },
  ],
  [
    { type: 'contacts', content: { contacts: [{ name: 'Ana', phone: '+5511988887001', email: 'a@example.com' }] } },
    'sendContact',
    {
      contact: [{ fullName: 'Ana', wuid: '5511988887001', phoneNumber: '+5511988887001', email: 'a@example.com' }],
    },
  ],
  [
    { type: 'poll', content: { question: 'q', options: ['a', 'b'], selectableCount: 10 } },
    'sendPoll',
    { name: 'q', values: ['a', 'b'], selectableCount: 2 },
  ],
  [
    {
      type: 'list',
      content: { title: 't', buttonText: 'b', sections: [{ title: 's', rows: [{ id: 'r', title: 'row' }] }] },
    },
    'sendList',
    { title: 't', footerText: '', buttonText: 'b', sections: [{ title: 's', rows: [{ title: 'row', rowId: 'r' }] }] },
  ],
  [
    { type: 'buttons', content: { title: 't', footer: 'f', buttons: [{ type: 'reply', text: 'Yes', id: 'yes' }] } },
    'sendButtons',
    { title: 't', footer: 'f', buttons: [{ type: 'reply', displayText: 'Yes', id: 'yes' }] },
  ],
  [
    {
      type: 'buttons',
      content: {
        title: 't',
        buttons: [
          { type: 'url', text: 'See', url: 'https://example.com' },
          { type: 'call', text: 'Call', phone: '+5511988887001' },
          { type: 'copy', text: 'Copy', code: '1234' },
        ],
      },
    },
    'sendButtons',
    {
      title: 't',
      buttons: [
        { type: 'url', displayText: 'See', url: 'https://example.com' },
        { type: 'call', displayText: 'Call', phoneNumber: '+5511988887001' },
        { type: 'copy', displayText: 'Copy', copyCode: '1234' },
      ],
    },
  ],
  [
    {
      type: 'buttons',
      content: { title: 't', buttons: [{ type: 'pix', name: 'Ana', keyType: 'cpf', key: '1', currency: 'BRL' }] },
    },
    'sendButtons',
    { title: 't', buttons: [{ type: 'pix', name: 'Ana', keyType: 'cpf', key: '1', currency: 'BRL' }] },
  ],
  [
    { type: 'template', content: { name: 'hello', language: 'pt_BR' } },
    'sendTemplate',
    { name: 'hello', language: 'pt_BR' },
  ],
]

for (const [message, route, body] of SENT)
  test(`${message.type} goes to ${route} as ${Object.keys(body).join(', ')}`, async () => {
    assert.deepEqual(await sent(message), [`/message/${route}/a1`, { number: NUMBER, ...body }])
  })

test('a message that answers another one carries its key, and its words where they are known', async () => {
  const own: Message = { type: 'location', content: { latitude: 0, longitude: 0, quoted: '3EB0' } }
  const [, body] = await sent(own, KNOWN)
  assert.deepEqual(body['quoted'], QUOTED)
  const { text: _text, ...foreign } = KNOWN
  const [, other] = await sent(own, foreign)
  assert.deepEqual(other['quoted'], { key: QUOTED.key })
})

test('a reaction goes to the chat of its target and names no number', async () => {
  const message: Message = { type: 'reaction', content: { target: { id: '3EB0', fromMe: true }, emoji: '👍' } }
  assert.deepEqual(await sent(message, KNOWN), ['/message/sendReaction/a1', { key: QUOTED.key, reaction: '👍' }])
})

async function sent(message: Message, reference?: typeof KNOWN | Omit<typeof KNOWN, 'text'>) {
  await using server = await startServer((response) => answerJson(response, 201, { key: { id: 'X' } }))
  const client = createEvolutionClient({ baseUrl: server.url, globalKey: 'global', connections: 1 })
  const result = await client.send({ instance: 'a1', apiKey: 'k', number: NUMBER, message, reference })
  await client.close()
  assert.equal(result.kind, 'sent')
  const [{ url, body } = assert.fail()] = server.seen
  const read: Record<string, unknown> = JSON.parse(body)
  return [url, read] as const
}
