import { ManagedBy } from '@whatsapp-sender/contract'
import type { Instance } from '@whatsapp-sender/store'
import type { RequestHandler } from 'express'
import { z } from 'zod'
import type { Audit } from '../http/audit.ts'
import type { Authenticate } from '../http/authenticate.ts'
import { parseBody, parseParams } from '../http/parse.ts'
import { ProblemError } from '../http/problem.ts'
import { foundOrRefuse } from './found-or-refuse.ts'
import { InstanceParams } from './instance-params.ts'

export const ChangeManagerBody = z.strictObject({ managedBy: ManagedBy.nullable() })

/** A manager takes an instance over; it, or an administrator, gives it back to its owner. */
export function changeManagerRoute(o: {
  authenticate: Authenticate
  audit: Audit
  findInstance(name: string): Promise<Instance | undefined>
  setManager(id: string, managedBy: ManagedBy | undefined): Promise<void>
  refreshDirectory(): Promise<void>
}): RequestHandler {
  return async (req, res) => {
    const principal = await o.authenticate(req, res, 'instances:adopt')
    const { name } = parseParams(InstanceParams, req)
    const { managedBy } = parseBody(ChangeManagerBody, req)
    if (managedBy !== null && managedBy !== principal.manager) {
      throw new ProblemError('forbidden', 'Only the Kubernetes operator takes an instance over, and only for itself.')
    }
    const instance = foundOrRefuse((await o.findInstance(name)) ?? 'missing')
    if (managedBy !== (instance.managedBy ?? null)) {
      await o.setManager(instance.id, managedBy ?? undefined)
      await o.refreshDirectory()
      const details = { managedBy: managedBy ?? 'nobody' }
      await o.audit(req, { by: principal.id, action: 'instance.manager-changed', target: name, details })
    }
    res.json({ name, managedBy })
  }
}
