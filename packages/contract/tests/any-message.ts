import fc from 'fast-check'
import { type Content, type ContentOf, type Message, type MessageType, messageOf } from '../src/index.ts'

/** A message of any kind, in all the forms that its content may have. */
export function anyMessage(): fc.Arbitrary<Message> {
  return fc.oneof(...KINDS.map((type) => messageOfKind(type)))
}

export function messageOfKind(type: MessageType): fc.Arbitrary<Message> {
  const contents: fc.Arbitrary<Content> = CONTENTS[type]
  return contents.map((content) => messageOf({ type, content }))
}

const words = (maxLength: number) =>
  fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: Math.min(maxLength, 40) })
    .filter((text) => /\S/.test(text) && !text.includes('\0') && text.length <= maxLength)
const phone = fc.stringMatching(/^\+[1-9]\d{9,14}$/)
const url = fc.webUrl({ validSchemes: ['https', 'http'], size: '-1' }).filter((text) => text.length < 2000)
const reference = fc.oneof(
  fc.uuid(),
  fc.record(
    {
      id: fc.stringMatching(/^3EB0[\dA-F]{18}$/),
      remoteJid: fc.constant('5511999991000@s.whatsapp.net'),
      fromMe: fc.boolean(),
    },
    { requiredKeys: ['id', 'fromMe'], noNullPrototype: true },
  ),
)
const mentions = fc.oneof(fc.constant('everyone' as const), fc.array(phone, { minLength: 1, maxLength: 5 }))
const named = {
  mimetype: fc.constantFrom('image/png', 'audio/ogg; codecs=opus'),
  fileName: fc.constantFrom('invoice.pdf', 'relatório final.pdf'),
}
const media = fc.oneof(record({ url, ...named }, ['url']), record({ id: fc.uuid(), ...named }, ['id']))
const captioned = record({ media, caption: words(1024), mentions, quoted: reference }, ['media'])
const bare = record({ media, quoted: reference }, ['media'])
const row = record({ id: words(20), title: words(24), description: words(72) }, ['id', 'title'])
const code = fc.stringMatching(/^[A-Z]{3}$/)

const CONTENTS: { readonly [T in MessageType]: fc.Arbitrary<ContentOf<T>> } = {
  text: record({ text: words(4096), linkPreview: fc.boolean(), mentions, quoted: reference }, ['text']),
  image: captioned,
  video: captioned,
  document: captioned,
  audio: bare,
  voice: bare,
  sticker: bare,
  roundVideo: bare,
  location: record(
    {
      latitude: fc.double({ min: -90, max: 90, noNaN: true }).map(withoutMinus),
      longitude: fc.double({ min: -180, max: 180, noNaN: true }).map(withoutMinus),
      name: words(100),
      address: words(100),
      quoted: reference,
    },
    ['latitude', 'longitude'],
  ),
  contacts: record({
    contacts: fc.array(
      record({ name: words(20).map(oneLine), phone, organization: words(20).map(oneLine), url }, ['name', 'phone']),
      { minLength: 1, maxLength: 4 },
    ),
  }),
  reaction: record({ target: reference, emoji: fc.constantFrom('👍', '👨‍👩‍👧', '❤️', '') }),
  poll: record(
    {
      question: words(255),
      options: fc.uniqueArray(words(100), { minLength: 2, maxLength: 10 }),
      selectableCount: fc.nat(10),
      quoted: reference,
    },
    ['question', 'options', 'selectableCount'],
  ),
  list: record(
    {
      title: words(60),
      description: words(1024),
      footer: words(60),
      buttonText: words(20),
      sections: fc
        .uniqueArray(row, { minLength: 1, maxLength: 5, selector: ({ id }) => id })
        .map((rows) => [{ title: 'rows', rows }]),
      quoted: reference,
    },
    ['title', 'buttonText', 'sections'],
  ),
  buttons: record(
    {
      title: words(60),
      description: words(1024),
      footer: words(60),
      thumbnailUrl: url,
      buttons: fc.oneof(
        fc.array(record({ type: fc.constant('reply' as const), text: words(20), id: words(20) }), {
          minLength: 1,
          maxLength: 3,
        }),
        fc.tuple(
          record({ type: fc.constant('url' as const), text: words(20), url }),
          record({ type: fc.constant('call' as const), text: words(20), phone }),
          record({ type: fc.constant('copy' as const), text: words(20), code: words(20) }),
        ),
        fc.tuple(
          record({
            type: fc.constant('pix' as const),
            name: words(20),
            keyType: fc.constantFrom('cpf', 'random'),
            key: words(20),
            currency: code,
          }),
        ),
      ),
      quoted: reference,
    },
    ['title', 'buttons'],
  ),
  template: record(
    {
      name: fc.stringMatching(/^[a-z0-9_]{1,20}$/),
      language: fc.constantFrom('pt_BR', 'en'),
      components: fc.constant([
        { type: 'header', parameters: [{ type: 'image', image: { link: 'https://example.com/a.png' } }] },
        { type: 'body', parameters: [{ type: 'text', text: 'Ana' }] },
        { type: 'button', sub_type: 'url', index: '0', parameters: [{ type: 'text', text: 'x' }] },
      ] satisfies ContentOf<'template'>['components']),
    },
    ['name', 'language'],
  ),
}

export const KINDS: readonly MessageType[] = [
  'text',
  'image',
  'video',
  'document',
  'audio',
  'voice',
  'sticker',
  'roundVideo',
  'location',
  'contacts',
  'reaction',
  'poll',
  'list',
  'buttons',
  'template',
]

function record<T, K extends keyof T = keyof T>(model: { [P in keyof T]: fc.Arbitrary<T[P]> }, requiredKeys?: K[]) {
  return fc.record(model, { noNullPrototype: true, ...(requiredKeys && { requiredKeys }) })
}

/** JSON knows no -0. */
function withoutMinus(value: number): number {
  return value === 0 ? 0 : value
}

function oneLine(text: string): string {
  return text.replaceAll(/[\r\n]/g, ' ').replace(/^\s+$/, 'x')
}
