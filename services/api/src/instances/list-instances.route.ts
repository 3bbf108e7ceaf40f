import type { Instance } from '@whatsapp-sender/store'
import type { RequestHandler } from 'express'
import type { Authenticate } from '../http/authenticate.ts'
import { PageQuery } from '../http/page-query.ts'
import { parseQuery } from '../http/parse.ts'
import type { ReadConditions } from './instance-conditions.ts'
import { type InstanceDefaults, instanceView } from './instance-view.ts'

export type ListInstances = (
  user: string,
  page: { after?: string; limit: number; names?: readonly string[] | undefined },
) => Promise<{ data: Instance[]; next: string | undefined }>

/** States are the last known; the live one is asked per instance. */
export function listInstancesRoute(o: {
  authenticate: Authenticate
  listInstances: ListInstances
  readConditions: ReadConditions
  defaults: InstanceDefaults
}): RequestHandler {
  return async (req, res) => {
    const principal = await o.authenticate(req, res, 'instances:read', 'per-instance')
    const { limit, cursor } = parseQuery(PageQuery, req)
    const { data, next } = await o.listInstances(principal.id, {
      limit,
      names: principal.key?.instances && [...principal.key.instances],
      ...(cursor !== undefined && { after: cursor }),
    })
    const conditions = await o.readConditions(data.map(({ id }) => id))
    const shown = { defaults: o.defaults, viewer: principal.id, conditions }
    res.json({ data: data.map((instance) => instanceView(instance, shown)), next: next ?? null })
  }
}
