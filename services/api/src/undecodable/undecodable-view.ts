import { isUtf8 } from 'node:buffer'
import type { KeptUndecodable, UndecodableEntry } from '@whatsapp-sender/store'

/** As a list shows it. */
export function undecodableEntry(record: UndecodableEntry) {
  const { id, topic, partition, offset, reason, detail, at, bytes } = record
  return { id, topic, partition, offset: offset.toString(), reason, detail, at, bytes }
}

/** All of it. */
export function undecodableView(record: KeptUndecodable) {
  const { value, key, headers } = record
  return {
    ...undecodableEntry({ ...record, bytes: value?.length ?? 0 }),
    key: key && bytesView(key),
    value: value && bytesView(value),
    headers: headers.map((header) => ({ name: header.name, ...bytesView(header.value) })),
  }
}

/** Text only where it can be read as such; the bytes always. */
function bytesView(bytes: Buffer) {
  const text = isUtf8(bytes) ? bytes.toString('utf8') : undefined
  return { base64: bytes.toString('base64'), ...(text !== undefined && isPrintable(text) && { text }) }
}

function isPrintable(text: string): boolean {
  return !/[^\P{Cc}\t\n\r]/u.test(text)
}
