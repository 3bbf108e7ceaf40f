import { createHash, createSecretKey, type KeyObject } from 'node:crypto'
import type { Secrets } from '@whatsapp-sender/service-runtime'
import jwt from 'jsonwebtoken'

export const TOKEN_ISSUER = 'whatsapp-sender'
export const TOKEN_AUDIENCE = 'whatsapp-sender-api'
/** Header `typ` of an access token (RFC 9068): nothing else that we might sign can be used as one. */
export const TOKEN_TYPE = 'at+jwt'
export const TOKEN_ALGORITHM = 'HS256'

/** `KeyObject`s by `kid`. A string secret would cost twenty times as much at each verification. */
export type TokenKeys = Readonly<{ current: string; byId: ReadonlyMap<string, KeyObject> }>

/** The newest secret signs, and tokens of the others hold until they end. */
export function createTokenKeys({ newest, others = [] }: Secrets): TokenKeys {
  const keyOf = (secret: string) => createSecretKey(Buffer.from(secret, 'utf8'))
  return { current: kidOf(newest), byId: new Map([newest, ...others].map((secret) => [kidOf(secret), keyOf(secret)])) }
}

function kidOf(secret: string): string {
  return createHash('sha256').update('kid\0').update(secret).digest('base64url').slice(0, 11)
}

/** `version` is the user's `tokenVersion`: raising it there revokes every token issued before. */
export type AccessClaims = Readonly<{ userId: string; version: number }>

export type IssueAccessToken = (claims: AccessClaims) => string

export function createAccessTokenIssuer(o: { keys: TokenKeys; ttlSeconds: number }): IssueAccessToken {
  const key = o.keys.byId.get(o.keys.current)
  if (key === undefined) throw new Error('the current token key is not among the keys')
  return ({ userId, version }) =>
    jwt.sign({ ver: version }, key, {
      algorithm: TOKEN_ALGORITHM,
      header: { alg: TOKEN_ALGORITHM, typ: TOKEN_TYPE, kid: o.keys.current },
      issuer: TOKEN_ISSUER,
      audience: TOKEN_AUDIENCE,
      subject: userId,
      expiresIn: o.ttlSeconds,
    })
}
