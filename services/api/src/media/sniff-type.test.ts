import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { deflateRawSync } from 'node:zlib'
import { sniffType } from './sniff-type.ts'

const OFFICE = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'

test('files that people send are what their first bytes say, by the name that WhatsApp has for it', async () => {
  for (const [bytes, type] of [
    [hex('ffd8ffe000104a46494600010100000100010000'), 'image/jpeg'],
    [riff('WEBP'), 'image/webp'],
    [Buffer.from('GIF89a123456'), 'image/gif'],
    [mp4('isom'), 'video/mp4'],
    [mp4('3gp4'), 'video/3gpp'],
    [mp4('qt  '), 'video/quicktime'],
    [mp4('M4A '), 'audio/mp4'],
    [Buffer.concat([mp3(), mp3(), mp3()]), 'audio/mpeg'],
    [Buffer.concat([id3(10), Buffer.alloc(10), mp3(), mp3()]), 'audio/mpeg'],
    [Buffer.concat([id3(100_000), randomBytes(8192)]), 'audio/mpeg'],
    [Buffer.from('#!AMR\n1234567890'), 'audio/amr'],
    [riff('WAVEfmt '), 'audio/wav'],
    [Buffer.concat([hex('fff15080'), Buffer.alloc(500)]), 'audio/aac'],
    [Buffer.from('%PDF-1.7\n'), 'application/pdf'],
    [docx(), OFFICE],
    [Buffer.from('name;number\n'), 'application/octet-stream'],
  ] as const) {
    const sniffed = await sniffType(bytes, undefined)
    assert.equal('type' in sniffed && sniffed.type, type)
  }
})

test('what a caller says counts where the bytes say nothing, or only what the file is packed in', async () => {
  for (const [bytes, said, type] of [
    [Buffer.from('name;number\n'), 'text/csv', 'text/csv'],
    [Buffer.from('<!doctype html>'), 'text/html', 'text/html'],
    [Buffer.from('<?xml version="1.0"?><svg/>'), 'image/svg+xml', 'image/svg+xml'],
    [Buffer.concat([hex('d0cf11e0a1b11ae1'), Buffer.alloc(600)]), 'application/msword', 'application/msword'],
    [docx(), 'application/zip', OFFICE],
    [mp4('isom'), 'audio/mp4', 'audio/mp4'],
    [mp4('isom'), 'application/octet-stream', 'video/mp4'],
    [riff('WAVEfmt '), 'audio/x-wav; rate=8000', 'audio/wav'],
    [hex('ffd8ffe000104a46494600010100000100010000'), 'IMAGE/JPG', 'image/jpeg'],
  ] as const) {
    const sniffed = await sniffType(bytes, said)
    assert.equal('type' in sniffed && sniffed.type, type, said)
  }
})

test('what the bytes belie is a fault: another type, or one that they would show', async () => {
  for (const [bytes, said] of [
    [Buffer.from('%PDF-1.7\n'), 'image/png'],
    [Buffer.from('name;number\n'), 'application/pdf'],
    [Buffer.from('<!doctype html>'), 'image/jpeg'],
    [hex('ffd8ffe000104a46494600010100000100010000'), 'image/png'],
    [Buffer.from('MZ\x90\x00'), 'text/csv'],
    [docx(), 'application/pdf'],
    [mp4('isom'), 'image/jpeg'],
  ] as const)
    assert.ok('fault' in (await sniffType(bytes, said)), said)
})

test('no beginning makes it throw, or stands still', async () => {
  const heads = [
    '3026b2758e66cf11a6d900aa0062ce6c',
    '1a45dfa3',
    '504b0304',
    '89504e470d0a1a0a',
    '49443304',
    '4f676753',
    '52494646',
  ]
  for (const head of heads)
    for (let i = 0; i < 20; i += 1) {
      const rest = i % 2 === 0 ? randomBytes(9000) : Buffer.alloc(9000)
      assert.ok(await sniffType(Buffer.concat([hex(head), rest]), undefined))
    }
})

function hex(text: string): Buffer {
  return Buffer.from(text, 'hex')
}

function riff(form: string): Buffer {
  return Buffer.concat([Buffer.from('RIFF'), hex('24000000'), Buffer.from(form), Buffer.alloc(40)])
}

function mp4(brand: string): Buffer {
  return Buffer.concat([
    hex('00000018'),
    Buffer.from(`ftyp${brand}`),
    hex('00000200'),
    Buffer.from('isommp42'),
    Buffer.alloc(100),
  ])
}

/** One frame of 417 bytes. */
function mp3(): Buffer {
  return Buffer.concat([hex('fffb9064'), Buffer.alloc(413)])
}

function id3(length: number): Buffer {
  const size = [21, 14, 7, 0].map((shift) => (length >> shift) & 0x7f)
  return Buffer.concat([Buffer.from('ID3'), hex('040000'), Buffer.from(size)])
}

/** A zip whose first file is the list of an office document's parts. */
function docx(): Buffer {
  const list = Buffer.from(`<Types><Override PartName="/word/document.xml" ContentType="${OFFICE}.main+xml"/></Types>`)
  const packed = deflateRawSync(list)
  const head = Buffer.alloc(30)
  head.write('504b0304', 'hex')
  head.writeUInt16LE(8, 8)
  head.writeUInt32LE(packed.length, 18)
  head.writeUInt32LE(list.length, 22)
  head.writeUInt16LE(19, 26)
  return Buffer.concat([head, Buffer.from('[Content_Types].xml'), packed, head])
}
