import { z } from 'zod'
import { Moment, TtlSeconds } from '../messages/moment.ts'

/** Until when a replayed message may be sent; `null` for ever; not said: as it was. */
export const REPLAY_EXPIRY = {
  expiresAt: Moment.refine((at) => at.getTime() > Date.now(), 'must not have passed')
    .nullable()
    .optional(),
  ttlSeconds: TtlSeconds.optional(),
}

type Expiry = Readonly<{ expiresAt?: Date | null | undefined; ttlSeconds?: number | undefined }>

export function isOneExpiry({ expiresAt, ttlSeconds }: Expiry): boolean {
  return expiresAt === undefined || ttlSeconds === undefined
}

export const ONE_EXPIRY = { path: ['ttlSeconds'], message: 'must not be there beside expiresAt' }

export function expiryOf({ expiresAt, ttlSeconds }: Expiry, now = Date.now()): Date | null | undefined {
  return ttlSeconds === undefined ? expiresAt : new Date(now + ttlSeconds * 1000)
}

export const ReplayBody = z.strictObject(REPLAY_EXPIRY).refine(isOneExpiry, ONE_EXPIRY)
