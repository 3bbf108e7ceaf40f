import type { RouteTable } from '../http/app.ts'
import { jsonBody } from '../http/json-body.ts'
import { createRequestLimit } from '../http/request-limit.ts'
import type { Parts } from '../parts.ts'
import { changeUserRoute } from './change-user.route.ts'
import { createChangeUser } from './change-user.ts'
import { forgetPasswordRoute } from './forget-password.route.ts'
import { createForgetPassword } from './forget-password.ts'
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

/** To one account, by each process. */
const MAILS_PER_HOUR = 3

/** Accounts: how they come to be, log in and are approved. */
export function userRoutes(parts: Parts): RouteTable {
  const users = buildUseCases(parts)
  const body = jsonBody({ bytesMax: 64 * 1024 })
  return {
    '/user/signup': { post: [body, signUpRoute(users)] },
    '/user/login': { post: [body, logInRoute({ ...users, onRefused: parts.events.logInRefused })] },
    '/user/refresh': { post: [body, refreshSessionRoute(users)] },
    '/user/logout': { post: [logOutRoute(users)] },
    '/v1/users': { get: [listUsersRoute(users)] },
    '/v1/users/:id': { patch: [body, changeUserRoute(users)] },
    '/v1/users/:id/password-reset': { post: [issuePasswordResetRoute(users)] },
    '/user/password-forgotten': { post: [body, forgetPasswordRoute(users)] },
    '/user/password-reset': { post: [body, redeemPasswordResetRoute(users)] },
  }
}

function buildUseCases(parts: Parts) {
  const { access, audit, config, events, judgePassword, limits, mailer, once, passwords, store } = parts
  const { authenticate, knownUsers, sessions } = access
  const perMinute = (points: number) => createRequestLimit({ points, perSeconds: 60 })
  const issueReset = (user: string) => store.passwordResets.issue({ user, ttlMs: config.auth.passwordResetTtlMs })
  return {
    authenticate,
    audit,
    once,
    forgetPassword:
      mailer &&
      createForgetPassword({
        findUserByEmail: store.users.findByEmail,
        issueReset,
        perAccount: createRequestLimit({ points: MAILS_PER_HOUR, perSeconds: 3600 }),
        post: mailer.post,
        onNotPosted: events.mailNotTaken,
      }),
    onForgetFailed: events.mailNotSent,
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
    issueReset,
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
