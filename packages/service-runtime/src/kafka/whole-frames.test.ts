import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createWholeFrames } from './whole-frames.ts'

test('however it is cut, what comes out is the same bytes, never a part of a frame, and each frame once it is there', () => {
  const bodies = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 8 })
  fc.assert(
    fc.property(bodies, fc.array(fc.nat(60), { maxLength: 20 }), (contents, cuts) => {
      const frames = contents.map(frameOf)
      const all = Buffer.concat(frames)
      const ends = new Set(frames.map((_, i) => Buffer.concat(frames.slice(0, i + 1)).length))
      const take = createWholeFrames()
      const out: Buffer[] = []
      let fed = 0
      for (const piece of cutAt(all, cuts)) {
        fed += piece.length
        const whole = take(piece)
        if (whole !== undefined) out.push(whole)
        const given = Buffer.concat(out).length
        assert.ok(given === 0 || ends.has(given), 'ends where a frame ends')
        assert.equal(given, Math.max(0, ...[...ends].filter((end) => end <= fed)), 'nothing whole is kept back')
      }
      assert.deepEqual(Buffer.concat(out), all)
    }),
  )
})

test('what is not in frames is refused, before it is waited for', () => {
  for (const size of [-1, 0x7fff_ffff]) {
    const bytes = Buffer.alloc(8)
    bytes.writeInt32BE(size)
    assert.throws(() => createWholeFrames()(bytes), RangeError)
  }
})

function frameOf(content: Uint8Array): Buffer {
  const size = Buffer.alloc(4)
  size.writeInt32BE(content.length)
  return Buffer.concat([size, content])
}

function cutAt(bytes: Buffer, lengths: readonly number[]): Buffer[] {
  const pieces: Buffer[] = []
  let at = 0
  for (const length of lengths) {
    if (length === 0 || at >= bytes.length) continue
    pieces.push(bytes.subarray(at, at + length))
    at += length
  }
  return at < bytes.length ? [...pieces, bytes.subarray(at)] : pieces
}
