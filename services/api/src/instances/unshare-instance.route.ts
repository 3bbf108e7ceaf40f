import type { Instances } from '@whatsapp-sender/store'
import type { RequestHandler } from 'express'
import type { Audit } from '../http/audit.ts'
import { parseParams } from '../http/parse.ts'
import { ProblemError } from '../http/problem.ts'
import type { FindUser } from './shared-user.ts'
import { ShareParams, type SharesOf } from './shares-of.route.ts'

/** Whoever it is taken from may use the instance no more, and what waits of him is not sent. */
export function unshareInstanceRoute(o: {
  audit: Audit
  sharesOf: SharesOf
  findSharedUser: FindUser
  unshare: Instances['unshare']
  refreshDirectory(): Promise<void>
}): RequestHandler {
  return async (req, res) => {
    const { principal, instance } = await o.sharesOf(req, res)
    const { user: named } = parseParams(ShareParams, req)
    const user = (await o.findSharedUser(named))?.id ?? named
    if (!(await o.unshare(instance.id, user))) {
      throw new ProblemError('share-not-found', 'The instance is not shared with such a user.')
    }
    await o.refreshDirectory()
    await o.audit(req, { by: principal.id, action: 'instance.unshared', target: instance.name, details: { user } })
    res.status(204).end()
  }
}
