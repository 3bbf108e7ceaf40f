type Bytes = Buffer | string | null

export type KafkaRecord = Readonly<{
  /** Milliseconds after the first record of its batch. */
  timestampDelta?: number
  offsetDelta?: number
  key?: Bytes
  value: Bytes
  headers?: Readonly<Record<string, Bytes | readonly Bytes[]>>
}>

/** What kafkajs takes for an encoder of its own. */
export type EncodedRecord = Readonly<{ buf: Buffer; buffer: Buffer }>

const ABSENT = -1

/**
 * A record of a batch in the form of Kafka 0.11 (magic 2): its length, no attributes, deltas, key, value and headers, all
 * numbers as zigzag varints. Written in one go: kafkajs makes an encoder for each header and a buffer for each number.
 */
export function encodeRecord(record: KafkaRecord): EncodedRecord {
  const { timestampDelta = 0, offsetDelta = 0, key = null, value, headers = {} } = record
  const fields = Object.entries(headers).flatMap(fieldsOf)
  let size = 1 + sizeOfNumber(timestampDelta) + sizeOfNumber(offsetDelta) + sizeOfBytes(key) + sizeOfBytes(value)
  size += sizeOfNumber(fields.length)
  for (const [name, content] of fields) size += sizeOfBytes(name) + sizeOfBytes(content)

  const buffer = Buffer.allocUnsafe(sizeOfNumber(size) + size)
  let at = writeNumber(buffer, 0, size)
  buffer[at] = 0
  at = writeNumber(buffer, at + 1, timestampDelta)
  at = writeNumber(buffer, at, offsetDelta)
  at = writeBytes(buffer, at, key)
  at = writeBytes(buffer, at, value)
  at = writeNumber(buffer, at, fields.length)
  for (const [name, content] of fields) at = writeBytes(buffer, writeBytes(buffer, at, name), content)
  return { buf: buffer, buffer }
}

type Field = readonly [name: string, content: Bytes]

/** A header that has several contents is written several times. */
function fieldsOf([name, content]: readonly [string, Bytes | readonly Bytes[]]): readonly Field[] {
  return isMany(content) ? content.map((one) => [name, one] as const) : [[name, content]]
}

function isMany(content: Bytes | readonly Bytes[]): content is readonly Bytes[] {
  return Array.isArray(content)
}

function sizeOfBytes(bytes: Bytes): number {
  if (bytes === null) return sizeOfNumber(ABSENT)
  const length = Buffer.byteLength(bytes)
  return sizeOfNumber(length) + length
}

function writeBytes(buffer: Buffer, at: number, bytes: Bytes): number {
  if (bytes === null) return writeNumber(buffer, at, ABSENT)
  const start = writeNumber(buffer, at, Buffer.byteLength(bytes))
  return start + (typeof bytes === 'string' ? buffer.write(bytes, start) : bytes.copy(buffer, start))
}

/** Small numbers of either sign are small: 0, −1, 1, −2 are 0, 1, 2, 3. By division, since a delta may exceed 32 bits. */
function zigzag(number: number): number {
  return number < 0 ? -2 * number - 1 : 2 * number
}

function sizeOfNumber(number: number): number {
  let size = 1
  for (let rest = zigzag(number); rest > 127; rest = Math.floor(rest / 128)) size += 1
  return size
}

function writeNumber(buffer: Buffer, at: number, number: number): number {
  let end = at
  let rest = zigzag(number)
  for (; rest > 127; rest = Math.floor(rest / 128)) {
    buffer[end] = (rest % 128) + 128
    end += 1
  }
  buffer[end] = rest
  return end + 1
}
