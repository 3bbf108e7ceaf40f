import type { PaceAccount, PaceAccounts, PaceRest } from '@whatsapp-sender/store'
import { createBatchWriter } from '../batch-writer.ts'
import type { Clock } from './clock.ts'

const READ_AT_ONCE = 500
const RELEASED_AT_ONCE = 10_000
const GATHER_MS = 5
const RETRY_MS = 500

export type TakenAccount = Readonly<{ account: PaceAccount | undefined; token: string | undefined }>

/** Reads and writes pace accounts for many instances at once: after a rebalance all of them come together. */
export type PaceKeeper = Readonly<{
  /** Becomes the account's holder, or only reads it where a hand-over makes no difference. Undefined: not wanted any more. */
  take(wanted: Readonly<{ id: string; isPaced: boolean }>, isWanted: () => boolean): Promise<TakenAccount | undefined>
  read(id: string): Promise<PaceAccount | undefined>
  /** If it fails the next owner sends less for a while, never more. */
  release(rest: PaceRest): void
  /** Tries until it is over: a new owner would otherwise begin in the midst of it. */
  keepSilence(id: string, end: Readonly<{ until: number; slowTo: number }>): Promise<void>
  /** Resolves when everything that was released is written. */
  written(): Promise<void>
}>

export function createPaceKeeper({
  accounts,
  clock,
  onError,
}: Readonly<{
  accounts: Pick<PaceAccounts, 'find' | 'take' | 'release' | 'silence'>
  clock: Pick<Clock, 'storeNow'>
  onError(error: unknown): void
}>): PaceKeeper {
  const takes = createBatchWriter<string, TakenAccount>({
    batchMax: READ_AT_ONCE,
    gatherMs: GATHER_MS,
    writeAll: async (ids) => {
      const taken = await accounts.take(ids)
      return ids.map((id) => ({ account: taken.accounts.get(id), token: taken.token }))
    },
  })
  const reads = createBatchWriter<string, TakenAccount>({
    batchMax: READ_AT_ONCE,
    gatherMs: GATHER_MS,
    writeAll: async (ids) => {
      const found = await accounts.find(ids)
      return ids.map((id) => ({ account: found.get(id), token: undefined }))
    },
  })
  const releases = createBatchWriter<PaceRest, true>({
    batchMax: RELEASED_AT_ONCE,
    gatherMs: GATHER_MS,
    writeAll: async (rests) => {
      await accounts.release(rests)
      return rests.map(() => true)
    },
  })

  const insist = async <Result>(work: () => Promise<Result>, isWanted: () => boolean): Promise<Result | undefined> => {
    while (isWanted()) {
      try {
        return await work()
      } catch (error) {
        onError(error)
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS).unref())
      }
    }
    return undefined
  }

  return {
    take: ({ id, isPaced }, isWanted) => insist(() => (isPaced ? takes : reads).write(id), isWanted),
    read: async (id) => (await reads.write(id)).account,
    release: (rest) => {
      if (rest.token !== undefined || rest.unused + rest.newUnused > 0) releases.write(rest).catch(onError)
    },
    keepSilence: async (id, { until, slowTo }) => {
      await insist(
        () => accounts.silence(id, until, slowTo),
        () => clock.storeNow() < until,
      )
    },
    written: releases.idle,
  }
}
