import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createMediaStore } from './media/media-store.ts'
import type { ChatMessage } from './messages.ts'
import { chatOf, messageView } from './phone-view.ts'

const store = createMediaStore(10)
const media = store.add({ mimetype: 'image/png', bytes: Buffer.alloc(8) })

const picture: ChatMessage = {
  kind: 'image',
  content: { media, caption: 'a dot' },
  keyId: 'k',
  messageId: 'm',
  instance: 'a1',
  instanceId: 'id',
  remoteJid: '5511999991000@s.whatsapp.net',
  number: '5511999991000',
  direction: 'out',
  at: 0,
  fate: 'read',
  status: 'PENDING',
  updates: [],
}

test('a picture is shown with its file for as long as the file is kept', () => {
  assert.deepEqual(messageView(picture, store).content, { media, caption: 'a dot' })
  store.add({ mimetype: 'image/png', bytes: Buffer.alloc(8) })
  assert.deepEqual(messageView(picture, store).content, { media: null, caption: 'a dot' })
})

test('a person is known by the number, a group by its whole address', () => {
  assert.equal(chatOf('5511999991000@s.whatsapp.net'), '5511999991000')
  assert.equal(chatOf('120363000000000000@g.us'), '120363000000000000@g.us')
})
