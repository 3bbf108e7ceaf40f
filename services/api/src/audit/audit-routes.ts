import type { RouteTable } from '../http/app.ts'
import type { Parts } from '../parts.ts'
import { listAuditRoute } from './list-audit.route.ts'

export function auditRoutes({ access, store }: Parts): RouteTable {
  const list = listAuditRoute({ authenticate: access.authenticate, listAudit: store.audit.list })
  return {
    '/v1/audit': { get: [list] },
  }
}
