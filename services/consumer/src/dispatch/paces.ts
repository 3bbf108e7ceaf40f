import type { Pace, SendResult } from '@whatsapp-sender/contract'
import type { Contacts, Instance, InstanceDirectory, PaceAccount, PaceAccounts, PaceRest } from '@whatsapp-sender/store'
import { createBatchWriter } from '../batch-writer.ts'
import type { Clock } from './clock.ts'
import { createContactBook } from './contact-book.ts'
import { needsContacts } from './pace-plan.ts'
import { createPacer, type Pacer } from './pacer.ts'

const LOADED_AT_ONCE = 500
const RELEASED_AT_ONCE = 10_000
const GATHER_MS = 5
const RETRY_MS = 500

/** The paces of all instances that have messages in memory. */
export type Paces = Readonly<{
  /** The pacer of the live instance of that name; undefined: there is none, so nothing is to be paced. */
  of(instance: string): DispatchPacer | undefined
  /** The instance is dropped from memory: what it did not use is handed over. */
  close(instance: string): void
  /** Nothing of the instance may begin right now. */
  isHeld(instance: string): boolean
  /** A request of the instance begins. */
  began(instance: string): void
  /** It ended; returns when whoever comes next knows of it. */
  ended(row: PacedRow, result: SendResult): Promise<void>
  /** Somebody asked for a look at the instance: it may have been told to be silent through another process. */
  check(instance: Pick<Instance, 'name' | 'checkAt'>): void
  /** Nothing begins any more; resolves when everything is handed over. */
  stop(): Promise<void>
  /** Resolves when everything that was handed over is written. */
  written(): Promise<void>
}>

export type DispatchPacer = Pick<Pacer, 'waitMs' | 'room' | 'take' | 'giveBack' | 'laneUntil'>

export type PacedRow = Readonly<{ instance: string; instanceId: string; to: string }>

type Wanted = Readonly<{ id: string; isPaced: boolean }>
type Loaded = Readonly<{ account: PaceAccount | undefined; token: string | undefined }>

export function createPaces({
  accounts,
  contacts,
  directory,
  paceDefault,
  clock,
  requestCheck,
  onChange,
  onError,
}: Readonly<{
  accounts: Pick<PaceAccounts, 'find' | 'take' | 'reserve' | 'release' | 'silence'>
  contacts: Pick<Contacts, 'find' | 'record'>
  directory: Pick<InstanceDirectory, 'get'>
  paceDefault: Pace
  clock: Pick<Clock, 'monotonic' | 'storeNow'>
  /** Tells the instance's owner, whoever that is, to look at it again. */
  requestCheck(instanceId: string): Promise<void>
  /** Something that held the instance or one of its lanes may have gone. */
  onChange(instance: string): void
  onError(error: unknown): void
}>): Paces {
  const pacers = new Map<string, Pacer>()
  const checkedAt = new WeakMap<Pacer, number>()
  let stopped = false
  const book = createContactBook({ contacts, onError })
  const paceOf = (instance: string): Pace => directory.get(instance)?.pace ?? paceDefault

  const loads = createBatchWriter<Wanted, Loaded>({
    batchMax: LOADED_AT_ONCE,
    gatherMs: GATHER_MS,
    writeAll: async (wanted) => {
      const [paced, others] = [wanted.filter(({ isPaced }) => isPaced), wanted.filter(({ isPaced }) => !isPaced)]
      const [taken, found] = await Promise.all([accounts.take(paced.map(idOf)), accounts.find(others.map(idOf))])
      return wanted.map(({ id, isPaced }) =>
        isPaced
          ? { account: taken.accounts.get(id), token: taken.token }
          : { account: found.get(id), token: undefined },
      )
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

  const checks = createBatchWriter<string, PaceAccount | 'none'>({
    batchMax: LOADED_AT_ONCE,
    gatherMs: GATHER_MS,
    writeAll: async (ids) => {
      const found = await accounts.find(ids)
      return ids.map((id) => found.get(id) ?? 'none')
    },
  })

  const load = async (instance: string, pacer: Pacer): Promise<void> => {
    const { perMinute, gapMs } = paceOf(instance)
    const wanted = { id: pacer.instanceId, isPaced: perMinute > 0 || gapMs !== undefined }
    while (pacers.get(instance) === pacer) {
      try {
        const { account, token } = await loads.write(wanted)
        pacer.load(account, token)
        return
      } catch (error) {
        onError(error)
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS).unref())
      }
    }
  }

  const handOver = (rest: PaceRest): void => {
    // What is lost is the rest of a block and a burst: the next owner sends less, never more.
    if (rest.token !== undefined || rest.unused + rest.newUnused > 0) releases.write(rest).catch(onError)
  }

  const open = (instance: string, instanceId: string): Pacer => {
    const pacer = createPacer({
      instanceId,
      paceNow: () => paceOf(instance),
      clock,
      book,
      reserve: (kind, request) => {
        const warmsUp = kind === 'all' && paceOf(instance).warmUp !== undefined
        return accounts.reserve(instanceId, kind, { ...request, warmsUp })
      },
      onChange: () => onChange(instance),
      onLate: handOver,
      onError,
    })
    pacers.set(instance, pacer)
    void load(instance, pacer)
    return pacer
  }

  const close = (instance: string): void => {
    const pacer = pacers.get(instance)
    if (pacer === undefined) return
    pacers.delete(instance)
    handOver(pacer.close())
  }

  /** Kept until it is over: a new owner would otherwise begin in the midst of it. */
  const keepSilence = async (instanceId: string, end: Readonly<{ until: number; slowTo: number }>): Promise<void> => {
    while (clock.storeNow() < end.until) {
      try {
        await accounts.silence(instanceId, end.until, end.slowTo)
        return
      } catch (error) {
        onError(error)
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS).unref())
      }
    }
  }

  const beSilent = async ({ instance, instanceId }: PacedRow, ms: number | undefined): Promise<void> => {
    const pacer = pacers.get(instance)
    const isOurs = pacer?.instanceId === instanceId
    // Without the instance in memory its rate is not known: a short-lived pacer works out what to pass on.
    const told = isOurs ? pacer : createUnowned(instanceId, instance)
    const end = told.beSilent(ms)
    if (end === undefined) return
    await keepSilence(instanceId, end)
    if (!isOurs) await requestCheck(instanceId)
  }

  const createUnowned = (instanceId: string, instance: string): Pacer =>
    createPacer({
      instanceId,
      paceNow: () => paceOf(instance),
      clock,
      book,
      reserve: () => Promise.reject(new Error('nothing is sent for it')),
      onChange: () => {},
      onLate: () => {},
      onError,
    })

  const recordContact = async ({ instance, instanceId, to }: PacedRow, result: SendResult): Promise<void> => {
    const remoteJid = result.kind === 'sent' ? result.remoteJid : undefined
    const isOther = remoteJid !== undefined && !remoteJid.startsWith(to.slice(1))
    const isKnown = isOther && book.get(instanceId, to)?.remoteJid === remoteJid
    if (!(isOther && !isKnown) && !needsContacts(paceOf(instance))) return
    const keyId = result.kind === 'sent' ? result.providerMessageId : undefined
    const learned = isOther ? remoteJid : undefined
    await book.record({ instanceId, number: to, at: clock.storeNow(), keyId, remoteJid: learned })
  }

  return {
    of: (instance) => {
      if (stopped) return STOPPED
      const known = pacers.get(instance)
      const id = directory.get(instance)?.id
      if (known?.instanceId === id) return known
      close(instance)
      return id === undefined ? undefined : open(instance, id)
    },
    close,
    isHeld: (instance) => stopped || pacers.get(instance)?.isHeld() === true,
    began: (instance) => pacers.get(instance)?.began(),
    ended: async (row, result) => {
      if (result.kind === 'sent' || result.failure.kind === 'ambiguous') return await recordContact(row, result)
      pacers.get(row.instance)?.notSent(row.to)
      if (result.failure.kind === 'rate-limited') beSilent(row, result.failure.retryAfterMs).catch(onError)
    },
    check: ({ name, checkAt }) => {
      const pacer = pacers.get(name)
      const asked = checkAt?.getTime() ?? 0
      if (pacer === undefined || asked <= (checkedAt.get(pacer) ?? 0)) return
      checkedAt.set(pacer, asked)
      const learn = (account: PaceAccount | 'none'): void => {
        if (account === 'none') return
        // Who was refused counts as never written to, whatever is remembered of him.
        if (pacer.learn(account).isPaused) book.forget(pacer.instanceId)
      }
      checks.write(pacer.instanceId).then(learn).catch(onError)
    },
    stop: async () => {
      stopped = true
      for (const instance of [...pacers.keys()]) close(instance)
      await releases.idle()
    },
    written: releases.idle,
  }
}

function idOf({ id }: Wanted): string {
  return id
}

const STOPPED: DispatchPacer = {
  waitMs: () => Number.POSITIVE_INFINITY,
  room: () => 0,
  take: () => {},
  giveBack: () => {},
  laneUntil: () => Number.POSITIVE_INFINITY,
}
