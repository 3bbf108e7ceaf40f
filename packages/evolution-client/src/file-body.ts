import { TransportError } from './undici-adapter.ts'

/** A field of a JSON body that holds a file in base64. */
export type FileField = Readonly<{
  name: string
  /** Bytes. */
  size: number
  /** From the first byte, and not before the request is written. */
  open(): AsyncIterable<Buffer>
}>

/**
 * A JSON body, of one field at least, with a file at its end, made while it is written: what is held of the file is a piece
 * of it. The body is not whole, and so nothing that a server acts on, unless the file was read to its end.
 */
export function bodyWithFile(
  body: object,
  { name, size, open }: FileField,
): Readonly<{ length: number; pieces: AsyncIterable<string> }> {
  const head = `${JSON.stringify(body).slice(0, -1)},${JSON.stringify(name)}:"`
  const tail = '"}'
  async function* pieces(): AsyncGenerator<string> {
    yield head
    yield* inBase64(open(), size)
    yield tail
  }
  return { length: Buffer.byteLength(head) + Math.ceil(size / 3) * 4 + tail.length, pieces: pieces() }
}

/** @throws {TransportError} when it cannot be read, or is not of this size */
async function* inBase64(file: AsyncIterable<Buffer>, size: number): AsyncGenerator<string> {
  let rest = Buffer.alloc(0)
  let bytes = 0
  try {
    for await (const piece of file) {
      bytes += piece.length
      const held = rest.length === 0 ? piece : Buffer.concat([rest, piece])
      // Three bytes are four characters: what is over waits for the next piece.
      const whole = held.length - (held.length % 3)
      yield held.toString('base64', 0, whole)
      rest = Buffer.from(held.subarray(whole))
    }
  } catch (error) {
    throw new TransportError('file-unreadable', error)
  }
  if (bytes !== size) throw new TransportError('file-unreadable')
  if (rest.length > 0) yield rest.toString('base64')
}
