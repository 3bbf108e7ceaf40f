import type { PersonRecord } from '@whatsapp-sender/store'

/** One line of an export: all that is kept, but for what only tells this system where a row belongs. */
export function personRecordView(record: PersonRecord) {
  const { kind } = record
  switch (kind) {
    case 'message': {
      const { bodyHash: _hash, offset: _offset, appendedAt: _appendedAt, traceparent: _trace, ...kept } = record.message
      return { kind, ...kept }
    }
    case 'contact': {
      const { instanceId, number, contact } = record
      const { firstSentAt, lastSentAt, remoteJid } = contact
      return { kind, instanceId, number, firstSentAt: timeOf(firstSentAt), lastSentAt: timeOf(lastSentAt), remoteJid }
    }
    case 'suppression':
      return { kind, user: record.user, ...record.suppression }
  }
}

function timeOf(ms: number | undefined): Date | undefined {
  return ms === undefined ? undefined : new Date(ms)
}
