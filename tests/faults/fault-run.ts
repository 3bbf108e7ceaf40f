import { randomBytes } from 'node:crypto'
import type { MessageStatus } from '@whatsapp-sender/contract'
import { type System, type SystemOptions, startSystem } from '../support/system.ts'
import type { Call, FaultWindow, Policy, RunLogs } from './history.ts'
import { type Account, type Lane, type Load, type LoadOptions, lanesOf, startLoad } from './load.ts'
import { observeSystem, type SystemObserver } from './observe-system.ts'

/** Something a row demands beyond the invariants, and what was seen. */
export type Demand = Readonly<{ what: string; met: boolean; seen: string }>

export type Pace = Readonly<{ perMinute: number; burst: number }>

/** What a row works with: a system of its own, callers, and a place to say what it saw. */
export type FaultRun = Readonly<{
  policy: Policy
  /** Starts the system of this run; once. */
  startSystem(options?: SystemOptions): Promise<System>
  /** Registers what has to be ended after the run, last first. */
  owns<T>(resource: T, end: (resource: T) => Promise<unknown> | unknown): T
  /** The administrator, or another user who was approved for this run. */
  account(name?: 'admin' | 'another'): Promise<Account>
  /** Creates instances and lanes to `recipients` numbers from each. */
  createLanes(
    o: Readonly<{ instances: readonly string[]; recipients: number; account?: Account; pace?: Pace }>,
  ): Promise<Lane[]>
  /** Callers who post while the row goes on. */
  startLoad(options: Omit<LoadOptions, 'policy'> & Readonly<{ policy?: Policy }>): Load
  /** The same, to its end. */
  post(options: Omit<LoadOptions, 'policy'> & Readonly<{ policy?: Policy }>): Promise<readonly Call[]>
  /** Writes down a call that was made in another way. */
  noteCall(call: Call): void
  /** Every call so far that has ended. */
  calls(): readonly Call[]
  /**
   * Does what may double, or hold, the messages that are open at the gateway meanwhile. Keep it to the moment of the
   * fault: everything open in it counts into the bound.
   */
  doubling<T>(name: string, fault: () => Promise<T> | T, instances?: readonly string[]): Promise<T>
  /** Messages of this run may also end so. */
  mayEnd(...statuses: MessageStatus[]): void
  demand(what: string, met: boolean, seen: string | number): void
  /** Waits until everything accepted, or perhaps accepted, has ended. */
  untilQuiet(timeoutMs?: number): Promise<void>
  observer(): SystemObserver
}>

export type RunRecord = Readonly<{
  demands: readonly Demand[]
  /** Undefined when the system never stood. */
  collect(): Promise<RunLogs | undefined>
  end(): Promise<void>
}>

const QUIET_TIMEOUT_MS = 120_000

export function createFaultRun(policy: Policy): FaultRun & RunRecord {
  const calls: Call[] = []
  const windows: FaultWindow[] = []
  const demands: Demand[] = []
  const owners: Record<string, string> = {}
  const paces: Record<string, Pace> = {}
  const mayEnd: MessageStatus[] = []
  const cleanUps: (() => Promise<unknown> | unknown)[] = []
  const loads: Load[] = []
  let running: Readonly<{ system: System; observer: SystemObserver }> | undefined
  const up = () => {
    if (running === undefined) throw new Error('the row has not started its system')
    return running
  }
  const noteCall = (call: Call): void => void calls.push(call)
  const begin: FaultRun['startLoad'] = (options) => {
    const load = startLoad({ policy, ...options }, noteCall)
    loads.push(load)
    return load
  }
  let another: Promise<Account> | undefined

  return {
    policy,
    startSystem: async (options) => {
      const system = await startSystem(options)
      cleanUps.push(() => system.stop())
      running = { system, observer: await observeSystem(system) }
      return system
    },
    owns: (resource, end) => {
      cleanUps.push(() => end(resource))
      return resource
    },
    account: async (name = 'admin') => {
      const { system } = up()
      if (name === 'admin') return { id: await idOf(system, 'admin@example.com'), client: system.admin }
      another ??= createAccount(system)
      return await another
    },
    createLanes: async ({ instances, recipients, account: given, pace }) => {
      const { system } = up()
      const account = given ?? { id: await idOf(system, 'admin@example.com'), client: system.admin }
      for (const instance of instances) {
        // With its pace from the start: a change takes up to two seconds to be heard of.
        await account.client.createInstance(instance, pace)
        owners[instance] = account.id
        if (pace !== undefined) paces[instance] = pace
      }
      return lanesOf(account, instances, recipients)
    },
    startLoad: begin,
    post: (options) => begin(options).done,
    noteCall,
    calls: () => calls,
    doubling: async (name, fault, instances) => {
      const from = Date.now()
      try {
        return await fault()
      } finally {
        windows.push({ name, from, to: Date.now(), ...(instances && { instances }) })
      }
    },
    mayEnd: (...statuses) => void mayEnd.push(...statuses),
    demand: (what, met, seen) => void demands.push({ what, met, seen: String(seen) }),
    untilQuiet: (timeoutMs = QUIET_TIMEOUT_MS) => up().observer.untilQuiet(timeoutMs),
    observer: () => up().observer,
    demands,
    collect: async () => {
      await Promise.all(loads.map((load) => load.stop()))
      if (running === undefined) return undefined
      const seen = await running.observer.collect()
      return { policy, calls, owners, paces, windows, mayEnd, ...seen }
    },
    end: async () => {
      for (const cleanUp of cleanUps.reverse()) await cleanUp()
    },
  }
}

async function createAccount({ anonymous, admin, store }: System): Promise<Account> {
  const applicant = {
    email: 'another@example.com',
    fullname: 'Another User',
    password: randomBytes(12).toString('hex'),
  }
  await anonymous.call('POST', '/user/signup', applicant)
  const id = (await store.users.findByEmail(applicant.email))?.id ?? ''
  await admin.call('PATCH', `/v1/users/${id}`, { status: 'approved' })
  return { id, client: await anonymous.login(applicant.email, applicant.password) }
}

async function idOf({ store }: System, email: string): Promise<string> {
  return (await store.users.findByEmail(email))?.id ?? ''
}
