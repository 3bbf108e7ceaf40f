import type { RouteTable } from '../http/app.ts'
import type { Parts } from '../parts.ts'
import { listAllUsageRoute, listUsageRoute } from './list-usage.route.ts'

export function usageRoutes({ access, store }: Parts): RouteTable {
  const o = { authenticate: access.authenticate, listUsage: store.usage.list }
  return {
    '/v1/usage': { get: [listUsageRoute(o)] },
    '/v1/admin/usage': { get: [listAllUsageRoute(o)] },
  }
}
