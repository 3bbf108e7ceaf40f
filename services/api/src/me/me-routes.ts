import type { RouteTable } from '../http/app.ts'
import { jsonBody } from '../http/json-body.ts'
import { createRequestLimit } from '../http/request-limit.ts'
import type { Parts } from '../parts.ts'
import { changeMeRoute } from './change-me.route.ts'
import { changePasswordRoute } from './change-password.route.ts'
import { createChangePassword } from './change-password.ts'
import { endSessionRoute } from './end-session.route.ts'
import { listSessionsRoute } from './list-sessions.route.ts'
import { readMeRoute } from './read-me.route.ts'

/** What a user does about his own account. */
export function meRoutes({ access, audit, judgePassword, limits, passwords, store }: Parts): RouteTable {
  const body = jsonBody({ bytesMax: 64 * 1024 })
  const me = {
    authenticate: access.authenticate,
    audit,
    findUser: store.users.findById,
    changeProfile: store.users.changeProfile,
    forgetKnownUser: access.knownUsers.forget,
    changePassword: createChangePassword({
      limit: createRequestLimit({ points: limits.passwordChangesPerUser, perSeconds: 60 }),
      judgePassword,
      passwords,
      findUser: store.users.findById,
      replacePassword: access.replacePassword,
      startSession: access.sessions.start,
    }),
    listSessions: store.refreshTokens.listOf,
    endSession: store.refreshTokens.end,
    bumpTokenVersion: store.users.bumpTokenVersion,
  }
  return {
    '/v1/me': { get: [readMeRoute(me)], patch: [body, changeMeRoute(me)] },
    '/v1/me/password': { post: [body, changePasswordRoute(me)] },
    '/v1/me/sessions': { get: [listSessionsRoute(me)] },
    '/v1/me/sessions/:id': { delete: [endSessionRoute(me)] },
  }
}
