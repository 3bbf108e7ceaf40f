/** Of the polynomial of Castagnoli, 0x1edc6f41, its bits reversed (RFC 3720, 12.1). */
const POLYNOMIAL = 0x82f63b78

const [T0, T1, T2, T3, T4, T5, T6, T7] = tables()

/** The checksum of Kafka's record batches: CRC-32C, 0 … 2³² − 1. Eight bytes a round, each by a table of its own. */
export function crc32c(bytes: Uint8Array): number {
  let crc = -1
  let at = 0
  for (const end = bytes.length - 7; at < end; at += 8) {
    crc ^=
      byteOf(bytes, at) | (byteOf(bytes, at + 1) << 8) | (byteOf(bytes, at + 2) << 16) | (byteOf(bytes, at + 3) << 24)
    crc =
      entryOf(T7, crc & 255) ^
      entryOf(T6, (crc >>> 8) & 255) ^
      entryOf(T5, (crc >>> 16) & 255) ^
      entryOf(T4, crc >>> 24) ^
      entryOf(T3, byteOf(bytes, at + 4)) ^
      entryOf(T2, byteOf(bytes, at + 5)) ^
      entryOf(T1, byteOf(bytes, at + 6)) ^
      entryOf(T0, byteOf(bytes, at + 7))
  }
  for (; at < bytes.length; at += 1) crc = entryOf(T0, (crc ^ byteOf(bytes, at)) & 255) ^ (crc >>> 8)
  return (crc ^ -1) >>> 0
}

// One for each kind of array: a function that is given both is twice as slow.
function byteOf(bytes: Uint8Array, index: number): number {
  return bytes[index] ?? 0
}

function entryOf(table: Table, index: number): number {
  return table[index] ?? 0
}

/** The n-th tells what a byte does to the checksum when n more bytes follow it. */
function tables(): readonly [Table, Table, Table, Table, Table, Table, Table, Table] {
  const first = new Int32Array(256).map((_, byte) => {
    let crc = byte
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1
    return crc
  })
  const after = (table: Table): Table => table.map((crc) => entryOf(first, crc & 255) ^ (crc >>> 8))
  const second = after(first)
  const third = after(second)
  const fourth = after(third)
  const fifth = after(fourth)
  const sixth = after(fifth)
  const seventh = after(sixth)
  return [first, second, third, fourth, fifth, sixth, seventh, after(seventh)]
}

type Table = Int32Array
