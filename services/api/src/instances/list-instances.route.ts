import type { ManagedBy } from '@whatsapp-sender/contract'
import type { Instance } from '@whatsapp-sender/store'
import type { RequestHandler } from 'express'
import type { Authenticate } from '../http/authenticate.ts'
import { PageQuery } from '../http/page-query.ts'
import { parseQuery } from '../http/parse.ts'
import type { ReadConditions } from './instance-conditions.ts'
import { type InstanceDefaults, instanceView } from './instance-view.ts'

type InstancePage = Readonly<{ after?: string; limit: number }>

type Listed = Promise<{ data: Instance[]; next: string | undefined }>

/** A manager's are those that it keeps. States are the last known; the live one is asked per instance. */
export function listInstancesRoute(o: {
  authenticate: Authenticate
  listInstances(user: string, page: InstancePage & Readonly<{ names?: readonly string[] | undefined }>): Listed
  listManaged(managedBy: ManagedBy, page: InstancePage): Listed
  readConditions: ReadConditions
  defaults: InstanceDefaults
}): RequestHandler {
  return async (req, res) => {
    const principal = await o.authenticate(req, res, 'instances:read', 'per-instance')
    const { limit, cursor } = parseQuery(PageQuery, req)
    const page = { limit, ...(cursor !== undefined && { after: cursor }) }
    const names = principal.key?.instances && [...principal.key.instances]
    const { data, next } = await (principal.manager === undefined
      ? o.listInstances(principal.id, { ...page, names })
      : o.listManaged(principal.manager, page))
    const conditions = await o.readConditions(data.map(({ id }) => id))
    const shown = { defaults: o.defaults, viewer: principal.id, conditions }
    res.json({ data: data.map((instance) => instanceView(instance, shown)), next: next ?? null })
  }
}
