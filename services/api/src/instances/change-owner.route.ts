import type { Instance } from '@whatsapp-sender/store'
import type { RequestHandler } from 'express'
import { z } from 'zod'
import type { Audit } from '../http/audit.ts'
import type { Authenticate } from '../http/authenticate.ts'
import { parseBody, parseParams } from '../http/parse.ts'
import { approvedOwner, type FindUserByEmail } from './approved-owner.ts'
import { foundOrRefuse } from './found-or-refuse.ts'
import { InstanceParams } from './instance-params.ts'
import { refuseManaged } from './refuse-managed.ts'

export const ChangeOwnerBody = z.strictObject({ ownerEmail: z.email() })

/** Gives an instance to another account, its phone and settings with it. Whoever had it may use it no more. */
export function changeOwnerRoute(o: {
  authenticate: Authenticate
  audit: Audit
  findInstance(name: string): Promise<Instance | undefined>
  findUserByEmail: FindUserByEmail
  setOwner(id: string, owner: string): Promise<void>
  refreshDirectory(): Promise<void>
}): RequestHandler {
  return async (req, res) => {
    const principal = await o.authenticate(req, res, 'instances:adopt')
    const { name } = parseParams(InstanceParams, req)
    const { ownerEmail } = parseBody(ChangeOwnerBody, req)
    const owner = await approvedOwner(o.findUserByEmail, ownerEmail)
    const instance = foundOrRefuse((await o.findInstance(name)) ?? 'missing')
    refuseManaged(instance, principal)
    if (instance.owner !== owner.id) {
      await o.setOwner(instance.id, owner.id)
      await o.refreshDirectory()
      const details = { owner: owner.id, before: instance.owner }
      await o.audit(req, { by: principal.id, action: 'instance.owner-changed', target: name, details })
    }
    res.json({ name, owner: owner.id })
  }
}
