import { setTimeout as wait } from 'node:timers/promises'
import { until } from '@whatsapp-sender/sandbox/process/until'
import type { Instance, Store } from '@whatsapp-sender/store'
import { type Findings, judge } from '../deliver/judge.ts'
import type { DrainParts } from '../deliver/measure-drain.ts'
import { startConsumer } from '../system/programs.ts'
import { startSteadyLoad } from './steady-load.ts'

export type Loss = Readonly<{
  /** From the signal to the first claim by the one that stays, of an instance that was the other's, ms. */
  recoveredMs: number
  /** The same for the last of those instances. */
  allRecoveredMs: number
  /** Rows in `sending` by the one that went, read right after the signal. */
  sendingAtSignal: number
  exitMs: number
  findings: Findings
}>

type Row = { _id: string; status: string; by?: string; instance: string; claimedAt?: Date; open?: 1 }

const PER_SECOND = 500
const WARM_UP_MS = 5000

/** Two consumers under load, and one of them gets a signal. */
export async function measureLoss(
  { installation, gateway, kafka }: DrainParts,
  fleet: readonly Instance[],
  {
    signal,
    sessionTimeoutMs,
    name,
  }: Readonly<{ signal: 'SIGKILL' | 'SIGTERM'; sessionTimeoutMs: number; name: string }>,
): Promise<Loss> {
  const { store } = installation
  const rows = rowsOf(store)
  const env = { KAFKA_SESSION_TIMEOUT_MS: String(sessionTimeoutMs), AMBIGUOUS_SETTLE_MS: '3000' }
  const before = await gateway.stats()
  await using cleanups = new AsyncDisposableStack()
  const goes = await startConsumer(installation, env, `${name} a`)
  cleanups.defer(async () => void (await goes.stop()))
  const [goesId] = await processIds(store, 1)
  const stays = await startConsumer(installation, env, `${name} b`)
  cleanups.defer(async () => void (await stays.stop()))
  const staysId = (await processIds(store, 2)).find((id) => id !== goesId)
  if (goesId === undefined || staysId === undefined) throw new Error('a consumer has no name')

  const load = startSteadyLoad(kafka, installation.names.messages, { fleet, perSecond: PER_SECOND, name })
  for (const by of [goesId, staysId])
    await until('both send', async () => ((await rows.countDocuments({ by })) > PER_SECOND ? true : undefined))
  await wait(WARM_UP_MS)

  const at = Date.now()
  process.kill(goes.pid, signal)
  const sendingAtSignal = await rows.countDocuments({ by: goesId, status: 'sending' })
  const instances = await rows.distinct('instance', { by: goesId, claimedAt: { $gt: new Date(at - 3000) } })
  const exited = goes.exited.then(() => Date.now() - at)
  const firstClaims = await until(
    'what the other had is sent',
    async () => {
      const claims = await firstClaimsOf(rows, { by: staysId, instances, since: new Date(at) })
      return claims.length >= instances.length * 0.99 ? claims : undefined
    },
    { timeoutMs: sessionTimeoutMs * 3, everyMs: 500 },
  )
  await load.stop()
  await until(
    'every message has ended',
    async () => {
      const [all, open] = await Promise.all([rows.countDocuments({}), rows.countDocuments({ open: 1 })])
      return all >= load.plan.length && open === 0 ? true : undefined
    },
    { timeoutMs: 120_000, everyMs: 500 },
  )
  const sent = await gateway.sentSince(before.sent)
  return {
    recoveredMs: Math.min(...firstClaims) - at,
    allRecoveredMs: Math.max(...firstClaims) - at,
    sendingAtSignal,
    exitMs: await exited,
    findings: judge(load.plan, sent),
  }
}

function rowsOf({ db }: Store) {
  return db.collection<Row>('messages')
}

/** Names of the consumers that live, as soon as there are so many. */
async function processIds({ db }: Store, count: number): Promise<string[]> {
  const processes = db.collection<{ _id: string; at: Date }>('processes')
  return await until('the consumers have a lease', async () => {
    const living = await processes.find({ at: { $gt: new Date(Date.now() - 7000) } }).toArray()
    return living.length === count ? living.map(({ _id }) => _id) : undefined
  })
}

/** When each of the instances was first claimed for by that process, ms since the epoch. */
async function firstClaimsOf(
  rows: ReturnType<typeof rowsOf>,
  { by, instances, since }: Readonly<{ by: string; instances: readonly string[]; since: Date }>,
): Promise<number[]> {
  const found = await rows
    .aggregate<{ at: Date }>([
      { $match: { by, instance: { $in: [...instances] }, claimedAt: { $gt: since } } },
      { $group: { _id: '$instance', at: { $min: '$claimedAt' } } },
    ])
    .toArray()
  return found.map(({ at }) => at.getTime())
}
