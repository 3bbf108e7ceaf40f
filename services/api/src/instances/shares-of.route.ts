import type { Instance } from '@whatsapp-sender/store'
import type { Request, Response } from 'express'
import { z } from 'zod'
import { type Authenticate, mayOrRefuse } from '../http/authenticate.ts'
import { parseParams } from '../http/parse.ts'
import { may } from '../permissions.ts'
import type { Principal } from '../principal.ts'
import { foundOrRefuse } from './found-or-refuse.ts'
import type { InstanceLookup } from './instance-lookup.ts'
import { InstanceParams } from './instance-params.ts'

/** `isAnybodys`: the caller administers the instances of everybody. */
export type SharesOf = (
  req: Request,
  res: Response,
) => Promise<Readonly<{ principal: Principal; instance: Instance; isAnybodys: boolean }>>

/** `:user` of a route: an e-mail, or an id. */
export const ShareParams = InstanceParams.extend({ user: z.string().min(1).max(254) })

/**
 * The instance whose shares are asked for, and by whom: its owner or an administrator, logged in. Whoever lets others in
 * gives away what is not a key's to give.
 */
export function createSharesOf(o: {
  authenticate: Authenticate
  instances: InstanceLookup
  findInstance(name: string): Promise<Instance | undefined>
}): SharesOf {
  return async (req, res) => {
    const principal = await o.authenticate(req, res, 'account')
    mayOrRefuse(principal, 'instances:manage')
    const { name } = parseParams(InstanceParams, req)
    const isAnybodys = may(principal, 'instances:adopt')
    const found = isAnybodys ? ((await o.findInstance(name)) ?? 'missing') : await o.instances.owned(name, principal)
    return { principal, instance: foundOrRefuse(found), isAnybodys }
  }
}
