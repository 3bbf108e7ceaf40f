import type { Pace, SendResult } from '@whatsapp-sender/contract'
import type { Contacts, Instance, InstanceDirectory, PaceAccounts } from '@whatsapp-sender/store'
import type { Clock } from './clock.ts'
import { createContactBook } from './contact-book.ts'
import { createPaceKeeper } from './pace-keeper.ts'
import { needsContacts } from './pace-plan.ts'
import { createPacer, type Pacer } from './pacer.ts'

/** The paces of all instances that have messages in memory: a few kilobytes each. */
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

type DispatchPacer = Omit<
  Pacer,
  'instanceId' | 'isHeld' | 'began' | 'notSent' | 'load' | 'learn' | 'beSilent' | 'close'
>

type PacedRow = Readonly<{ instance: string; instanceId: string; to: string }>

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
  const keeper = createPaceKeeper({ accounts, clock, onError })
  const book = createContactBook({ contacts, onError })
  let stopped = false
  const paceOf = (instance: string): Pace => directory.get(instance)?.pace ?? paceDefault

  const newPacer = (instance: string, instanceId: string): Pacer =>
    createPacer({
      instanceId,
      paceNow: () => paceOf(instance),
      clock,
      book,
      reserve: (kind, request) => {
        const warmsUp = kind === 'all' && paceOf(instance).warmUp !== undefined
        return accounts.reserve(instanceId, kind, { ...request, warmsUp })
      },
      onChange: () => onChange(instance),
      onLate: keeper.release,
      onError,
    })

  const open = (instance: string, instanceId: string): Pacer => {
    const pacer = newPacer(instance, instanceId)
    pacers.set(instance, pacer)
    const { perMinute, gapMs } = paceOf(instance)
    const wanted = { id: instanceId, isPaced: perMinute > 0 || gapMs !== undefined }
    const load = async (): Promise<void> => {
      const taken = await keeper.take(wanted, () => pacers.get(instance) === pacer)
      if (taken !== undefined) pacer.load(taken.account, taken.token)
    }
    load().catch(onError)
    return pacer
  }

  const close = (instance: string): void => {
    const pacer = pacers.get(instance)
    if (pacer === undefined) return
    pacers.delete(instance)
    keeper.release(pacer.close())
  }

  const beSilent = async ({ instance, instanceId }: PacedRow, ms: number | undefined): Promise<void> => {
    const pacer = pacers.get(instance)
    const isOurs = pacer?.instanceId === instanceId
    // One that is not in memory is still to be told: a pacer made for the purpose works out what to pass on.
    const end = (isOurs ? pacer : newPacer(instance, instanceId)).beSilent(ms)
    if (end === undefined) return
    await keeper.keepSilence(instanceId, end)
    if (!isOurs) await requestCheck(instanceId)
  }

  const recordContact = async ({ instance, instanceId, to }: PacedRow, result: SendResult): Promise<void> => {
    const { remoteJid, keyId } = answerOf(result)
    const isOther = remoteJid !== undefined && !remoteJid.startsWith(`${to.slice(1)}@`)
    const isNews = isOther && book.get(instanceId, to)?.remoteJid !== remoteJid
    if (!isNews && !needsContacts(paceOf(instance))) return
    const learned = isOther ? remoteJid : undefined
    await book.record({ instanceId, number: to, at: clock.storeNow(), keyId, remoteJid: learned })
  }

  const check = async (pacer: Pacer): Promise<void> => {
    const account = await keeper.read(pacer.instanceId)
    // Who was refused counts as never written to, whatever is remembered of him.
    if (account !== undefined && pacer.learn(account).isPaused) book.forget(pacer.instanceId)
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
      check(pacer).catch(onError)
    },
    stop: async () => {
      stopped = true
      for (const instance of [...pacers.keys()]) close(instance)
      await keeper.written()
    },
    written: keeper.written,
  }
}

function answerOf(result: SendResult): Readonly<{ remoteJid: string | undefined; keyId: string | undefined }> {
  if (result.kind !== 'sent') return { remoteJid: undefined, keyId: undefined }
  return { remoteJid: result.remoteJid, keyId: result.providerMessageId }
}

const STOPPED: DispatchPacer = {
  waitMs: () => Number.POSITIVE_INFINITY,
  room: () => 0,
  take: () => {},
  giveBack: () => {},
  laneUntil: () => Number.POSITIVE_INFINITY,
  ask: () => {},
  isKnownBefore: () => false,
  strangersUntil: () => Number.POSITIVE_INFINITY,
}
