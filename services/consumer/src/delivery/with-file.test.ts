import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import type { Message, SendResult } from '@whatsapp-sender/contract'
import type { FileToSend } from '@whatsapp-sender/evolution-client'
import type { MediaFile } from '@whatsapp-sender/store'
import { laneRow } from '../../tests/support/lane-row.ts'
import { createWithFile } from './with-file.ts'

const ROW = laneRow()
const ID = '019a0000-0000-7000-8000-000000000000'
const IMAGE: Message = { type: 'image', content: { media: { id: ID } } }
const SENT: SendResult = { kind: 'sent', providerMessageId: '3EB0', remoteJid: undefined }

test('a message without a file, or with one at an address, asks nobody', async () => {
  const withFile = createWithFile({
    media: { find: () => assert.fail('asked'), read: () => assert.fail('asked') },
    insist: (read) => read(),
  })
  for (const message of [
    { type: 'text', content: { text: 'hi' } },
    { type: 'image', content: { media: { url: 'https://example.com/a.png' } } },
  ] as const)
    assert.equal(
      await withFile(ROW, message, async (file) => {
        assert.equal(file, undefined)
        return SENT
      }),
      SENT,
    )
})

test('a file that is gone, or another user’s, ends its message for good, and nothing is sent', async () => {
  const result = await harness([{ ...FILE, user: 'bia' }])(ROW, IMAGE, () => assert.fail('sent'))
  assert.ok(result.kind === 'failed')
  assert.deepEqual([result.failure.kind, result.failure.code], ['permanent', 'media-gone'])
})

test('a file is handed over with what is known of it, and read only when it is opened', async () => {
  let opened = 0
  const withFile = harness([FILE], () => (opened += 1))
  const result = await withFile(ROW, IMAGE, async (file) => {
    assert.ok(file)
    assert.deepEqual([file.size, file.type, file.fileName, opened], [6, 'image/png', 'cup.png', 0])
    assert.equal(String(await read(file)), 'abcdef')
    return SENT
  })
  assert.equal(result, SENT)
})

test('no more files are read at once than may be, and one that was read makes room before its answer comes', async () => {
  const withFile = harness([FILE], undefined, 1)
  const begun: string[] = []
  const answer = Promise.withResolvers<void>()
  const send = (name: string, work: (file: FileToSend) => Promise<unknown>) =>
    withFile(ROW, IMAGE, async (file) => {
      begun.push(name)
      assert.ok(file)
      await work(file)
      await answer.promise
      return SENT
    })
  const opened = Promise.withResolvers<void>()
  const first = send('first', async (file) => {
    const bytes = file.open()[Symbol.asyncIterator]()
    await bytes.next()
    await opened.promise
    while ((await bytes.next()).done !== true);
  })
  await turn()
  const others = ['second', 'third'].map((name) => send(name, (file) => read(file)))
  await turn()
  assert.deepEqual(begun, ['first'])
  opened.resolve()
  await turn()
  await turn()
  assert.deepEqual(begun, ['first', 'second', 'third'])
  answer.resolve()
  await Promise.all([first, ...others])
})

test('a send that never opens its file gives its place back, also when it throws', async () => {
  const withFile = harness([FILE], undefined, 1)
  await withFile(ROW, IMAGE, async () => SENT)
  await assert.rejects(withFile(ROW, IMAGE, () => Promise.reject(new Error('broken'))))
  assert.equal(await withFile(ROW, IMAGE, async () => SENT), SENT)
})

const FILE: MediaFile = {
  id: ID,
  user: ROW.user,
  type: 'image/png',
  size: 6,
  sha256: 'a'.repeat(64),
  fileName: 'cup.png',
  createdAt: new Date(0),
  expiresAt: new Date(1),
}

function harness(files: readonly MediaFile[], onOpen: () => void = () => {}, atOnceMax = 2) {
  return createWithFile({
    media: {
      find: async (user, id) => files.find((file) => file.user === user && file.id === id),
      async *read() {
        onOpen()
        yield Buffer.from('abc')
        yield Buffer.from('def')
      },
    },
    insist: (look) => look(),
    atOnceMax,
  })
}

async function read(file: FileToSend): Promise<Buffer> {
  const pieces: Buffer[] = []
  for await (const piece of file.open()) pieces.push(piece)
  return Buffer.concat(pieces)
}
