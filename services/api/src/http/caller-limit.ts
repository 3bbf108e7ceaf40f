import { LRUCache } from 'lru-cache'
import type { Principal } from '../principal.ts'
import { tooManyRequests } from './request-limit.ts'

/** Takes one request off what a caller has, and tells him what is left. @throws {ProblemError} 429 */
export type LimitCaller = (principal: Principal, res: Fields) => void

type Fields = Readonly<{ setHeader(name: string, value: string): unknown }>

type Policy = Readonly<{
  name: 'user' | 'key'
  perMinute: number
  /** Whom it counts; undefined: it does not count this caller. */
  ownerOf(principal: Principal): string | undefined
}>

/** Callers counted at once, per policy; beyond, who was idle longest begins with a full bucket again. */
const BUCKETS_MAX = 10_000

/**
 * A token bucket per user and one per API key, in this process: a minute's requests may come at once, and come back
 * evenly. Undefined when neither is limited (0). The fields are those of draft-ietf-httpapi-ratelimit-headers-11.
 */
export function createCallerLimit(o: {
  userPerMinute: number
  keyPerMinute: number
  bucketsMax?: number
  now?: () => number
}): LimitCaller | undefined {
  const { bucketsMax = BUCKETS_MAX, now = () => performance.now() } = o
  const policies: readonly Policy[] = [
    { name: 'key', perMinute: o.keyPerMinute, ownerOf: ({ key }) => key?.id },
    { name: 'user', perMinute: o.userPerMinute, ownerOf: ({ id }) => id },
  ]
  const limits = policies
    .filter(({ perMinute }) => perMinute > 0)
    .map((policy) => ({ ...policy, buckets: createBuckets({ perMinute: policy.perMinute, bucketsMax, now }) }))
  if (limits.length === 0) return undefined

  return (principal, res) => {
    let isRefused = false
    const counted = limits.flatMap(({ name, perMinute, ownerOf, buckets }) => {
      const owner = ownerOf(principal)
      if (owner === undefined) return []
      // What a key is refused is not taken from its user: one key gone wild must not shut the others out.
      const taken = isRefused ? buckets.look(owner) : buckets.take(owner)
      isRefused ||= taken.waitSeconds > 0
      return [{ name, perMinute, ...taken }]
    })
    if (counted.length === 0) return
    res.setHeader('RateLimit-Policy', counted.map(({ name, perMinute }) => `"${name}";q=${perMinute};w=60`).join(', '))
    res.setHeader(
      'RateLimit',
      counted.map(({ name, left, moreSeconds }) => `"${name}";r=${left};t=${moreSeconds}`).join(', '),
    )
    const waitSeconds = Math.max(...counted.map((each) => each.waitSeconds))
    if (waitSeconds > 0) throw tooManyRequests(waitSeconds)
  }
}

type Taken = Readonly<{
  /** Whole requests that are left. */
  left: number
  /** Until there is one more; till then no more than `left` can be used. */
  moreSeconds: number
  /** 0, or the seconds until there is a request again: then none was taken. */
  waitSeconds: number
}>

function createBuckets(o: { perMinute: number; bucketsMax: number; now(): number }) {
  const perMs = o.perMinute / 60_000
  const buckets = new LRUCache<string, { tokens: number; at: number }>({ max: o.bucketsMax })

  const use = (owner: string, cost: 0 | 1): Taken => {
    const now = o.now()
    const bucket = buckets.get(owner) ?? { tokens: o.perMinute, at: now }
    bucket.tokens = Math.min(o.perMinute, bucket.tokens + (now - bucket.at) * perMs)
    bucket.at = now
    const isEnough = bucket.tokens >= cost
    if (isEnough) bucket.tokens -= cost
    buckets.set(owner, bucket)
    return {
      left: Math.floor(bucket.tokens),
      moreSeconds: Math.ceil((Math.floor(bucket.tokens) + 1 - bucket.tokens) / perMs / 1000),
      waitSeconds: isEnough ? 0 : (1 - bucket.tokens) / perMs / 1000,
    }
  }
  return { take: (owner: string) => use(owner, 1), look: (owner: string) => use(owner, 0) }
}
