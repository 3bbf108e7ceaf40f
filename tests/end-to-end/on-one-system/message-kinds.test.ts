import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { until } from '@whatsapp-sender/sandbox/process/until'
import { cupPicture, emptyPdf, spokenSound } from '../../phone/drawn-media.ts'
import { type FileServer, serveFiles } from '../../support/file-server.ts'
import { sharedSystem } from '../../support/shared-system.ts'
import type { System } from '../../support/system.ts'

/** What the phone shows of a message. */
type Shown = Readonly<{ keyId: string; chat: string; kind: string; content: object; quoted?: unknown }>

const TO = '+5511999991000'
let system: System
/** Where the files are, by what they are called. */
let files: FileServer
before(async () => {
  files = await serveFiles({ 'cup.png': cupPicture(), 'invoice.pdf': emptyPdf(), 'jingle.wav': spokenSound() })
  system = await sharedSystem()
  for (const name of ['kinds', 'doubtful']) await system.admin.createInstance(name)
  await adopt('official', 'WHATSAPP-BUSINESS')
})
after(async () => {
  await files.stop()
})

/** What is asked of the API, and what arrives on the phone. */
const ARRIVE: readonly (readonly [instance: string, asked: Record<string, unknown>, kind: string, content: object])[] =
  [
    [
      'kinds',
      { text: 'See https://example.com', linkPreview: false, mentions: ['+5511988887001'] },
      'text',
      { text: 'See https://example.com', mentioned: ['5511988887001'] },
    ],
    [
      'kinds',
      { type: 'location', latitude: -23.55616, longitude: -46.66275, name: 'Our shop' },
      'location',
      { latitude: -23.55616, longitude: -46.66275, name: 'Our shop', address: '' },
    ],
    [
      'kinds',
      { type: 'contacts', contacts: [{ name: 'Ana Souza', phone: '(11) 98888-7001', organization: 'Care' }] },
      'contacts',
      { contacts: [{ fullName: 'Ana Souza', phoneNumber: '+5511988887001', organization: 'Care' }] },
    ],
    [
      'kinds',
      { type: 'poll', question: 'When?', options: ['Morning', 'Evening'] },
      'poll',
      { name: 'When?', values: ['Morning', 'Evening'], selectableCount: 1 },
    ],
    [
      'kinds',
      {
        type: 'list',
        title: 'Coffee',
        buttonText: 'Choose',
        sections: [{ title: 'Filter', rows: [{ id: 'v60', title: 'V60' }] }],
      },
      'list',
      {
        title: 'Coffee',
        footerText: '',
        buttonText: 'Choose',
        sections: [{ title: 'Filter', rows: [{ title: 'V60', rowId: 'v60' }] }],
      },
    ],
    [
      'kinds',
      { type: 'buttons', title: 'Right?', buttons: [{ type: 'reply', text: 'Yes', id: 'yes' }] },
      'buttons',
      { title: 'Right?', buttons: [{ type: 'reply', displayText: 'Yes', id: 'yes' }] },
    ],
    [
      'official',
      { type: 'template', name: 'hello_world', language: 'pt_BR', components: [bodyPart('Ana')] },
      'template',
      { name: 'hello_world', language: 'pt_BR', components: [bodyPart('Ana')] },
    ],
  ]

for (const [instance, asked, kind, content] of ARRIVE)
  test(`a ${kind} is accepted, sent and shown on the phone as it was asked for`, async () => {
    const { providerMessageId } = await send(instance, asked)
    const shown = await onPhone(providerMessageId)
    assert.deepEqual([shown.kind, shown.content], [kind, content])
  })

/** The file that each kind carries, and what the phone says of it. */
const FILES: readonly (readonly [asked: Record<string, unknown>, kind: string, file: string, facts: object])[] = [
  [{ type: 'image', caption: 'The cup' }, 'image', 'cup.png', { mimetype: 'image/png' }],
  [{ type: 'video', caption: 'The film' }, 'video', 'cup.png', { mimetype: 'image/png' }],
  [{ type: 'document' }, 'document', 'invoice.pdf', { mimetype: 'application/pdf', fileName: 'bill.pdf' }],
  [{ type: 'audio' }, 'audio', 'jingle.wav', {}],
  [{ type: 'voice' }, 'voice', 'jingle.wav', {}],
  [{ type: 'sticker' }, 'sticker', 'cup.png', {}],
  [{ type: 'roundVideo' }, 'round-video', 'jingle.wav', {}],
]

for (const [asked, kind, file, facts] of FILES)
  test(`the file of a ${kind} arrives on the phone, whole`, async () => {
    const media = { url: files.addressOf(file), ...(kind === 'document' && { fileName: 'bill.pdf' }) }
    const { providerMessageId } = await send('kinds', { ...asked, media })
    const shown = await onPhone(providerMessageId)
    assert.equal(shown.kind, kind)
    const caption = 'caption' in asked ? { caption: asked['caption'] } : {}
    assert.partialDeepStrictEqual(shown.content, { ...caption, media: { bytes: files.bytesOf(file), ...facts } })
  })

test('a file that cannot be fetched is tried again, and its instance goes on', async () => {
  const media = { url: files.addressOf('missing') }
  const { id } = await accepted('kinds', { to: '+5511988887003', type: 'document', media })
  const retried = await until('it was tried', async () => {
    const { body } = await system.admin.getMessage(id)
    return body.attempts[0]
  })
  assert.deepEqual([retried.outcome, retried.error?.code], ['retry', 'media-failed'])
  const { body } = await system.admin.send('kinds', '+5511988887002', 'to somebody else')
  await system.admin.follow(body.id, ['sent', 'delivered', 'read'])
})

test('a reaction and an answer find the message that they belong to by its id here', async () => {
  const first = await send('kinds', { text: 'Your order has left' })
  const reaction = await send('kinds', { type: 'reaction', target: first.id, emoji: '👍' })
  const shown = await onPhone(reaction.providerMessageId)
  assert.deepEqual(shown.content, { targetKeyId: first.providerMessageId, emoji: '👍' })
  assert.equal(shown.chat, '5511999991000')

  const answer = await send('kinds', { text: 'And it has arrived', quoted: first.id })
  const { quoted } = await onPhone(answer.providerMessageId)
  assert.deepEqual(quoted, { keyId: first.providerMessageId, text: 'Your order has left' })
})

test('a message that refers to none of this instance fails, and its reason says so', async () => {
  const { id } = await accepted('kinds', { text: 'hi', quoted: '019a0000-0000-7000-8000-000000000000' })
  await system.admin.follow(id, ['failed'])
  const failed = await system.admin.call<{ reason: { code: string } }>('GET', `/v1/messages/${id}`)
  assert.equal(failed.body.reason.code, 'reference-missing')
})

test('a location whose answer was lost is found in Evolution’s events; of a file they prove nothing', async () => {
  await system.gateway.program('doubtful', { close: 'after-reading', times: 1 })
  const place = { type: 'location', latitude: 1.5, longitude: -2.25, onAmbiguous: 'hold' }
  const { id } = await accepted('doubtful', place)
  const found = await system.admin.follow(id, ['sent', 'delivered', 'read', 'unknown'])
  assert.notEqual(found.status, 'unknown')
  const left = await system.gateway.journalOf('doubtful')
  assert.deepEqual(
    left.map(({ keyId }) => keyId),
    [found.providerMessageId],
  )

  await system.gateway.program('doubtful', { close: 'after-reading', times: 1 })
  const media = { url: files.addressOf('invoice.pdf') }
  const file = await accepted('doubtful', { type: 'document', media, caption: 'once', onAmbiguous: 'hold' })
  assert.equal((await system.admin.follow(file.id, ['sent', 'delivered', 'read', 'unknown'])).status, 'unknown')
})

function bodyPart(text: string) {
  return { type: 'body', parameters: [{ type: 'text', text }] }
}

async function accepted(instance: string, asked: Record<string, unknown>): Promise<{ id: string }> {
  const answer = await system.admin.call<{ id: string }>('POST', '/v1/messages', { instance, to: TO, ...asked })
  assert.equal(answer.status, 202, JSON.stringify(answer.body))
  return answer.body
}

async function send(instance: string, asked: Record<string, unknown>) {
  const { id } = await accepted(instance, asked)
  const { providerMessageId } = await system.admin.follow(id, ['sent', 'delivered', 'read'])
  assert.ok(providerMessageId !== undefined)
  return { id, providerMessageId }
}

async function onPhone(keyId: string): Promise<Shown> {
  const answer = await fetch(`${system.gateway.url}/sandbox/view`)
  const view: { messages: Shown[] } = JSON.parse(await answer.text())
  const shown = view.messages.find((message) => message.keyId === keyId)
  assert.ok(shown !== undefined)
  return shown
}

/** Of a channel that the API itself does not create. */
async function adopt(name: string, integration: string): Promise<void> {
  const created = await fetch(`${system.gateway.url}/instance/create`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', apikey: system.evolutionKey },
    body: JSON.stringify({ instanceName: name, integration, token: `token-${name}`, number: '5511900000001' }),
  })
  assert.equal(created.status, 201)
  const { status, body } = await system.admin.call('POST', '/v1/instances', { name, adopt: true })
  assert.equal(status, 201, JSON.stringify(body))
}
