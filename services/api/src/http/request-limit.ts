import type { Request } from 'express'
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { clientAddressOf } from './client-address.ts'
import { ProblemError } from './problem.ts'

/** Takes points of `key`, one by default: 0 when there were enough, or the seconds until there are again. Counted in this process. */
export type RequestLimit = Readonly<{
  take(key: string, points?: number): Promise<number>
  giveBack(key: string): Promise<void>
}>

export function createRequestLimit(o: { points: number; perSeconds: number }): RequestLimit {
  const limiter = new RateLimiterMemory({ points: o.points, duration: o.perSeconds })
  return {
    take: async (key, points = 1) => {
      try {
        await limiter.consume(key, points)
        return 0
      } catch (refusal) {
        if (refusal instanceof RateLimiterRes) return Math.max(1, refusal.msBeforeNext / 1000)
        throw refusal
      }
    },
    giveBack: async (key) => {
      await limiter.reward(key)
    },
  }
}

/** @throws {ProblemError} 429 when the caller's address has used up its points */
export async function limitOrRefuse(limit: RequestLimit, req: Request): Promise<void> {
  const waitSeconds = await limit.take(clientAddressOf(req))
  if (waitSeconds > 0) throw tooManyRequests(waitSeconds)
}

export function tooManyRequests(retryAfterSeconds: number): ProblemError {
  return new ProblemError('too-many-requests', 'Too many requests. Try again later.', { retryAfterSeconds })
}
