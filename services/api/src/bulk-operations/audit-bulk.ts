import type { HeldBulkOperation } from '@whatsapp-sender/store'
import type { WriteAudit } from '../http/audit.ts'

/** Writes down what an operation has done to the messages of others. What somebody does with his own is kept in those. */
export type AuditBulk = (held: HeldBulkOperation, counts: HeldBulkOperation['counts']) => Promise<void>

const ACTIONS = { replay: 'dead-letters.replayed', discard: 'dead-letters.discarded' } as const

export function createAuditBulk(write: WriteAudit): AuditBulk {
  return async ({ id, by, address, order }, { done }) => {
    if (order === undefined || order.kind === 'cancel' || order.filter.user === by) return
    const target = order.filter.user ?? 'everybody'
    await write({ by, action: ACTIONS[order.kind], target, address, details: { count: done, operation: id } })
  }
}
