import { type MessageRecord, textOf } from '@whatsapp-sender/contract'
import type { Call } from '../history.ts'

/** A record that was written past the API, as if its caller had heard 202. */
export function callOf(record: MessageRecord): Call {
  const now = Date.now()
  return {
    text: textOf(record),
    user: record.user,
    instance: record.instance,
    to: record.to.replace('+', ''),
    policy: record.onAmbiguous,
    invokedAt: now,
    endedAt: now,
    result: 'ok',
    status: 202,
    id: record.id,
  }
}
