import type { RouteTable } from '../http/app.ts'
import { jsonBody } from '../http/json-body.ts'
import { createRequestLimit } from '../http/request-limit.ts'
import type { Parts } from '../parts.ts'
import { changeUserRoute } from './change-user.route.ts'
import { createChangeUser } from './change-user.ts'
import { issuePasswordResetRoute } from './issue-password-reset.route.ts'
import { listUsersRoute } from './list-users.route.ts'
import { logInRoute } from './log-in.route.ts'
import { createLogIn } from './log-in.ts'
import { logOutRoute } from './log-out.route.ts'
import { createLoginLimits } from './login-limits.ts'
import { redeemPasswordResetRoute } from './redeem-password-reset.route.ts'
import { createRedeemPasswordReset } from './redeem-password-reset.ts'
import { refreshSessionRoute } from './refresh-session.route.ts'
import { signUpRoute } from './sign-up.route.ts'
import { createSignUp } from './sign-up.ts'

/** Accounts: how they come to be, log in and are approved. */
export function userRoutes(parts: Parts): RouteTable {
  const users = buildUseCases(parts)
  const body = jsonBody({ bytesMax: 64 * 1024 })
  return {
    '/user/signup': { post: [body, signUpRoute(users)] },
    '/user/login': { post: [body, logInRoute(users)] },
    '/user/refresh': { post: [body, refreshSessionRoute(users)] },
    '/user/logout': { post: [logOutRoute(users)] },
    '/v1/users': { get: [listUsersRoute(users)] },
    '/v1/users/:id': { patch: [body, changeUserRoute(users)] },
    '/v1/users/:id/password-reset': { post: [issuePasswordResetRoute(users)] },
    '/user/password-reset': { post: [body, redeemPasswordResetRoute(users)] },
  }
}

function buildUseCases({ access, audit, config, events, judgePassword, limits, passwords, store }: Parts) {
  const { authenticate, knownUsers, sessions } = access
  const perMinute = (points: number) => createRequestLimit({ points, perSeconds: 60 })
  return {
    authenticate,
    audit,
    signUp: createSignUp({ judgePassword, passwords, users: store.users }),
    limit: perMinute(limits.signUpsPerAddress),
    logIn: createLogIn({
      limits: createLoginLimits({
        perAddress: perMinute(limits.loginsPerAddress),
        perAccountAndAddress: perMinute(limits.loginsPerAccountAndAddress),
        perAccount: perMinute(limits.loginsPerAccount),
      }),
      passwords,
      users: store.users,
      startSession: sessions.start,
      onRehashFailed: events.passwordNotRehashed,
    }),
    refreshSession: sessions.refresh,
    endSessions: sessions.endAll,
    changeUser: createChangeUser({ users: store.users, forgetKnownUser: knownUsers.forget }),
    findUser: store.users.findById,
    issueReset: (user: string) => store.passwordResets.issue({ user, ttlMs: config.auth.passwordResetTtlMs }),
    resetLimit: perMinute(limits.passwordResetsPerAddress),
    redeemReset: createRedeemPasswordReset({
      judgePassword,
      passwords,
      resets: store.passwordResets,
      replacePassword: access.replacePassword,
    }),
    listUsers: store.users.listByStatus,
  }
}
