import type { AuditEntry } from '@whatsapp-sender/store'
import type { Request } from 'express'
import { clientAddressOf } from './client-address.ts'

type Act = Pick<AuditEntry, 'by' | 'action' | 'target'> & Partial<Pick<AuditEntry, 'details'>>

/**
 * Writes down what was done, after it was done. Never fails: the act cannot be taken back, and the log has it in any
 * case.
 */
export type Audit = (req: Request, act: Act) => Promise<void>

/** The same of what is done beside requests. `address`: of the request that asked for it. */
export type WriteAudit = (act: Act & Pick<AuditEntry, 'address'>) => Promise<void>

export function createAudit(write: WriteAudit): Audit {
  return (req, act) => write({ ...act, address: clientAddressOf(req) })
}

export function createWriteAudit(o: {
  insert(entry: Omit<AuditEntry, 'id' | 'at'>): Promise<void>
  onAct(act: Pick<AuditEntry, 'by' | 'action' | 'target'>): void
  onNotWritten(err: unknown, entry: Omit<AuditEntry, 'id' | 'at'>): void
}): WriteAudit {
  return async ({ by, action, target, address, details = {} }) => {
    const entry = { by, action, target, address, details }
    o.onAct({ by, action, target })
    try {
      await o.insert(entry)
    } catch (err) {
      o.onNotWritten(err, entry)
    }
  }
}
