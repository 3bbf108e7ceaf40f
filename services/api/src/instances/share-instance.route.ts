import { INSTANCE_ACCESS } from '@whatsapp-sender/contract'
import { INSTANCE_SHARES_MAX, type Instances } from '@whatsapp-sender/store'
import type { RequestHandler } from 'express'
import { z } from 'zod'
import type { Audit } from '../http/audit.ts'
import { parseBody, parseParams } from '../http/parse.ts'
import { invalidRequest, ProblemError } from '../http/problem.ts'
import type { FindUser } from './shared-user.ts'
import { ShareParams, type SharesOf } from './shares-of.route.ts'

/** What another user may do with it. */
export const ShareBody = z.strictObject({ access: z.enum(INSTANCE_ACCESS) })

/** Lets another user use an instance. What he was let do before is replaced. */
export function shareInstanceRoute(o: {
  audit: Audit
  sharesOf: SharesOf
  findSharedUser: FindUser
  share: Instances['share']
  refreshDirectory(): Promise<void>
}): RequestHandler {
  return async (req, res) => {
    const { principal, instance, isAnybodys } = await o.sharesOf(req, res)
    const { user: named } = parseParams(ShareParams, req)
    const { access } = parseBody(ShareBody, req)
    // By an id, which others are shown, nobody is to learn whose e-mail belongs to it.
    const mayName = isAnybodys || named.includes('@') || instance.shares?.some(({ user }) => user === named)
    const user = mayName ? await o.findSharedUser(named) : undefined
    // One that is not approved is as good as none, and nobody but an administrator need know which it is.
    if (user?.status !== 'approved') throw new ProblemError('user-not-found', 'There is no such user.')
    if (user.id === instance.owner) throw invalidRequest([{ field: 'user', message: 'is its owner' }])
    if ((await o.share(instance.id, { user: user.id, access })) === 'too-many') {
      throw new ProblemError('share-limit', `An instance is shared with ${INSTANCE_SHARES_MAX} users at most.`)
    }
    await o.refreshDirectory()
    const details = { user: user.id, access }
    await o.audit(req, { by: principal.id, action: 'instance.shared', target: instance.name, details })
    res.json({ user: user.id, email: user.email, access })
  }
}
