import { dataOf } from './api-error.ts'
import { type ClientOptions, createClient } from './create-client.ts'
import type { Schemas } from './schemas.ts'

/** What a login gives. */
export type Tokens = Schemas['Tokens']

/** An access token is renewed so long before it ends, or at half its time. */
const RENEWED_AHEAD_MS = 30_000

/**
 * The access token of a login that just was, renewed before it ends; for `token` of `createClient`. Give one login to one
 * of it: a refresh token that is used twice ends its session. Throws an `ApiError` when the session is over.
 */
export function renewing(
  o: Readonly<{
    tokens: Tokens
    /** Keeps the new ones, where a program that starts anew goes on with its session. */
    onRenewed?: (tokens: Tokens) => void
  }> &
    Pick<ClientOptions, 'baseUrl' | 'fetch'>,
): () => Promise<string> {
  const { baseUrl, fetch } = o
  const api = createClient({ baseUrl, ...(fetch && { fetch }) })
  let tokens = o.tokens
  let renewAt = renewalOf(tokens)
  let renewal: Promise<void> | undefined

  async function renew(): Promise<void> {
    tokens = await dataOf(api.POST('/user/refresh', { body: { refresh_token: tokens.refresh_token } }))
    renewAt = renewalOf(tokens)
    o.onRenewed?.(tokens)
  }

  return async () => {
    if (Date.now() >= renewAt) {
      // One for all calls that wait for it.
      renewal ??= renew().finally(() => {
        renewal = undefined
      })
      await renewal
    }
    return tokens.access_token
  }
}

function renewalOf({ expires_in }: Tokens): number {
  const lastsMs = expires_in * 1000
  return Date.now() + lastsMs - Math.min(RENEWED_AHEAD_MS, lastsMs / 2)
}
