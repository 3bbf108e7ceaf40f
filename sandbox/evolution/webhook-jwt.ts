import { createHmac } from 'node:crypto'

const LIFE_SECONDS = 600

/** The one header the real server rewrites: `jwt_key` is not sent, it signs a token that says who calls, not what. */
export function sentHeaders(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const { jwt_key: key, ...others } = headers
  return key === undefined ? others : { ...others, Authorization: `Bearer ${tokenSignedBy(key)}` }
}

function tokenSignedBy(key: string): string {
  const iat = Math.floor(Date.now() / 1000)
  const claims = { iat, exp: iat + LIFE_SECONDS, app: 'evolution', action: 'webhook' }
  const signed = [{ alg: 'HS256', typ: 'JWT' }, claims].map(base64url).join('.')
  return `${signed}.${createHmac('sha256', key).update(signed).digest('base64url')}`
}

function base64url(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
