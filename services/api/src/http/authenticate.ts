import type { KeyObject } from 'node:crypto'
import type { Request, RequestHandler, Response } from 'express'
import { LRUCache } from 'lru-cache'
import { type Authenticator, Passport } from 'passport'
import { ExtractJwt, type SecretOrKeyProvider, Strategy, type VerifyCallback } from 'passport-jwt'
import { z } from 'zod'
import type { IdentifyKey } from '../api-keys/identify-key.ts'
import { isScope, may, type Permission } from '../permissions.ts'
import type { Principal } from '../principal.ts'
import { TOKEN_ALGORITHM, TOKEN_AUDIENCE, TOKEN_ISSUER, TOKEN_TYPE, type TokenKeys } from '../users/access-tokens.ts'
import type { KnownUser, KnownUsers } from '../users/known-users.ts'
import type { LimitCaller } from './caller-limit.ts'
import type { IdentifyOperator } from './operator-token.ts'
import { ProblemError } from './problem.ts'

/**
 * Who is calling, if he may do this. `per-instance` is said by routes that heed `reaches`: a key that is limited to some
 * instances is refused by all others. What depends on the body is asked of `mayOrRefuse`.
 * @throws {ProblemError} 401, 403, 429, or 503 when it cannot be told who is calling
 */
export type Authenticate = (
  req: Request,
  res: Response,
  permission: Permission,
  about?: 'per-instance',
) => Promise<Principal>

/** Verifying a signature costs more than all else that an accept does before Kafka; the same token comes again and again. */
const VERIFIED_MAX = 5000
const VERIFIED_LENGTH_MAX = 1024

export function createAuthenticate(o: {
  keys: TokenKeys
  users: KnownUsers
  identifyKey: IdentifyKey
  identifyOperator: IdentifyOperator
  acceptLegacyTokens: boolean
  limitCaller?: LimitCaller | undefined
}): Authenticate {
  const verified = new LRUCache<string, AccessClaims>({ max: VERIFIED_MAX })
  // What `authenticate` returns is `any` unless it is said.
  const passport: Pick<Authenticator<RequestHandler, RequestHandler>, 'authenticate'> = new Passport()
    .use('access', accessStrategy(o.keys, o.users))
    .use('legacy', legacyStrategy(o.keys, o.users))
  const strategies = o.acceptLegacyTokens ? ['access', 'legacy'] : ['access']

  function verify(req: Request, res: Response, authorization: string): Promise<Principal> {
    return new Promise((resolve, reject) => {
      const decide = (
        err: Error | null,
        principal: Principal | false | undefined,
        claims: AccessClaims | undefined,
      ) => {
        if (!principal) return reject(err ?? unauthenticated())
        if (claims !== undefined && authorization.length <= VERIFIED_LENGTH_MAX) verified.set(authorization, claims)
        return resolve(principal)
      }
      void passport.authenticate(strategies, { session: false }, decide)(req, res, reject)
    })
  }

  async function identify(req: Request, res: Response): Promise<Principal> {
    const { authorization = '' } = req.headers
    const claims = verified.get(authorization)
    if (claims === undefined || claims.exp * 1000 <= Date.now()) {
      const key = API_KEY.exec(authorization)?.[1]
      if (key !== undefined) return byKey(key)
      return o.identifyOperator(authorization) ?? verify(req, res, authorization)
    }
    // Of a verified token the user is still looked at each time: he may have been rejected or have logged out.
    const principal = principalOf(await o.users.byId(claims.sub), claims.ver)
    if (principal === false) throw unauthenticated()
    return principal
  }

  async function byKey(key: string): Promise<Principal> {
    const found = await o.identifyKey(key)
    if (found === 'unavailable') throw unavailable()
    if (found === 'missing') throw unauthenticated()
    const principal = principalOf(await o.users.byId(found.user), undefined)
    if (principal === false) throw unauthenticated()
    return { ...principal, key: found.grant }
  }

  return async (req, res, permission, about) => {
    const principal = await identify(req, res)
    // What keeps a thousand instances in step is one caller, and none that could be told to come later.
    if (principal.manager === undefined) o.limitCaller?.(principal, res)
    mayOrRefuse(principal, permission)
    if (about === undefined && principal.key?.instances !== undefined) throw keyLimited()
    return principal
  }
}

const API_KEY = /^bearer +(wsk_\S*)$/i

/** @throws {ProblemError} 403 */
export function mayOrRefuse(principal: Principal, permission: Permission): void {
  if (may(principal, permission)) return
  if (principal.key !== undefined && !isScope(permission)) {
    throw new ProblemError('session-required', 'This is for people who have logged in, not for API keys.')
  }
  if (principal.key !== undefined && !principal.key.scopes.has(permission)) throw scopeMissing(permission)
  throw new ProblemError('forbidden', `The role ${principal.role} may not do this.`)
}

function unauthenticated(): ProblemError {
  return new ProblemError('unauthenticated', 'A valid bearer token or API key is required.')
}

function unavailable(): ProblemError {
  return new ProblemError('unavailable', 'It cannot be checked now who is calling.', { retryAfterSeconds: 5 })
}

function scopeMissing(scope: Permission): ProblemError {
  return new ProblemError('scope-missing', `The API key needs the scope ${scope}.`, {
    members: { scope },
    headers: { 'WWW-Authenticate': `Bearer error="insufficient_scope", scope="${scope}"` },
  })
}

function keyLimited(): ProblemError {
  return new ProblemError('key-limited', 'The API key is limited to certain instances, and this is about more.')
}

function accessStrategy(keys: TokenKeys, users: KnownUsers): Strategy {
  const verify: VerifyCallback = (payload: unknown, done) => {
    const claims = AccessPayload.safeParse(payload)
    if (!claims.success) return done(null, false)
    const { sub, ver } = claims.data
    return whenKnown(users.byId(sub), done, (user) => done(null, principalOf(user, ver), claims.data))
  }
  return new Strategy(
    {
      jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
      algorithms: [TOKEN_ALGORITHM],
      issuer: TOKEN_ISSUER,
      audience: TOKEN_AUDIENCE,
      // The key comes from memory by `kid`; what else the header offers as a key (jku, x5u, jwk) is never looked at.
      secretOrKeyProvider: keyProvider(keys, ({ kid, typ }) => (typ === TOKEN_TYPE ? kid : undefined)),
    },
    verify,
  )
}

/** Tokens of the system before this one: `user_id` is an e-mail, `expires` float seconds, and there is no `exp`. */
function legacyStrategy(keys: TokenKeys, users: KnownUsers): Strategy {
  const verify: VerifyCallback = (payload: unknown, done) => {
    const claims = LegacyPayload.safeParse(payload)
    if (!claims.success) return done(null, false)
    const leftMs = claims.data.expires * 1000 - Date.now()
    if (leftMs < 0 || leftMs > LEGACY_TOKEN_MS) return done(null, false)
    // They carry no version: the first revocation ends them all.
    return whenKnown(users.byEmail(claims.data.user_id), done, (user) => done(null, principalOf(user, 0)))
  }
  return new Strategy(
    {
      jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
      algorithms: [TOKEN_ALGORITHM],
      secretOrKeyProvider: keyProvider(keys, ({ kid }) => (kid === undefined ? keys.current : undefined)),
    },
    verify,
  )
}

const AccessPayload = z.object({ sub: z.string().min(1).max(64), ver: z.int(), exp: z.number() })
type AccessClaims = z.infer<typeof AccessPayload>

/** That system gave them for a day; one that says more is none of its own. The rest is for clocks that differ. */
const LEGACY_TOKEN_MS = 25 * 3_600_000

const LegacyPayload = z.object({ user_id: z.string().max(254), expires: z.number() })

const TokenHeader = z.object({ kid: z.string().optional(), typ: z.string().optional() })

function keyProvider(
  keys: TokenKeys,
  kidOf: (header: z.infer<typeof TokenHeader>) => string | undefined,
): SecretOrKeyProvider {
  // Our own tokens all have the same header: it is read once.
  const keyOf = (kid: string | undefined) => (kid === undefined ? undefined : keys.byId.get(kid))
  let last: { text: string; key: KeyObject | undefined } | undefined
  return (_req: unknown, token: string, done) => {
    const text = token.slice(0, Math.max(0, token.indexOf('.')))
    if (last?.text !== text) last = { text, key: keyOf(kidOf(headerOf(text))) }
    const { key } = last
    // @ts-expect-error the types lag behind: jsonwebtoken takes a KeyObject, and only that is fast
    return key === undefined ? done(new Error('unknown key')) : done(null, key)
  }
}

function headerOf(text: string): z.infer<typeof TokenHeader> {
  try {
    const json = Buffer.from(text, 'base64url').toString('utf8')
    const header = TokenHeader.safeParse(JSON.parse(json))
    // A header we cannot read names a key that does not exist.
    return header.success ? header.data : UNREADABLE
  } catch {
    return UNREADABLE
  }
}

const UNREADABLE = { kid: '', typ: '' }

type Done = (err: unknown, principal?: Principal | false, claims?: AccessClaims) => void

function whenKnown(found: KnownUser | Promise<KnownUser>, done: Done, decide: (user: KnownUser) => void): void {
  Promise.resolve(found).then(decide).catch(done)
}

/**
 * @param tokenVersion undefined: what the caller shows carries none
 * @throws {ProblemError} 503 when the user can be neither remembered nor looked up
 */
function principalOf(user: KnownUser, tokenVersion: number | undefined): Principal | false {
  if (user === 'unavailable') throw unavailable()
  if (user === 'missing' || user.status !== 'approved') return false
  if (tokenVersion !== undefined && user.tokenVersion !== tokenVersion) return false
  const { id, email, role, onAmbiguous, eventFeed } = user
  return { id, email, role, onAmbiguous, eventFeed }
}
