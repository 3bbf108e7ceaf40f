import type { RequestHandler } from 'express'
import type { FindUser } from './shared-user.ts'
import type { SharesOf } from './shares-of.route.ts'

/** With whom an instance is shared; at most as many as it can be shared with. */
export function listSharesRoute(o: { sharesOf: SharesOf; findUserById: FindUser }): RequestHandler {
  return async (req, res) => {
    const { shares = [] } = (await o.sharesOf(req, res)).instance
    const data = await Promise.all(
      shares.map(async ({ user, access }) => ({ user, email: (await o.findUserById(user))?.email, access })),
    )
    res.json({ data, next: null })
  }
}
