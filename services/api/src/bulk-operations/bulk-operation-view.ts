import type { BulkOperation } from '@whatsapp-sender/store'

/** How far an operation has come. `skipped`: what was found and could not be dealt with when its turn came. */
export function bulkOperationView({ id, kind, status, reason, counts, createdAt, doneAt }: BulkOperation) {
  return {
    id,
    kind,
    status,
    ...(reason && { reason }),
    done: counts.done,
    skipped: counts.seen - counts.done,
    createdAt,
    ...(doneAt && { doneAt }),
    links: { self: `/v1/operations/${id}` },
  }
}
