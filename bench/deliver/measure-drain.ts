import type { RunningProcess } from '@whatsapp-sender/sandbox/process/running-process'
import { until } from '@whatsapp-sender/sandbox/process/until'
import type { Kafka } from 'kafkajs'
import { produceBacklog } from '../kafka/produce-backlog.ts'
import type { Gateway } from '../system/gateway.ts'
import type { Installation } from '../system/installation.ts'
import { cpuSecondsOf, memoryOf } from '../system/process-usage.ts'
import { startConsumer } from '../system/programs.ts'
import { type Findings, judge } from './judge.ts'
import { perSecondOf } from './per-second.ts'
import type { Plan } from './plan.ts'

export type Drain = Readonly<{
  perSecond: number
  /** CPU time per message while messages left, µs, by process. */
  micros: Readonly<Record<'consumer' | 'mongod' | 'gateway', number | undefined>>
  consumerRssMib: number | undefined
  /** Most requests that the gateway had open at once. */
  peak: number
  findings: Findings & Readonly<{ unsentRows: number }>
}>

export type DrainParts = Readonly<{
  installation: Installation
  kafka: Kafka
  gateway: Gateway
  gatewayPid: number
  inFlightMax: number
}>

/**
 * A backlog in the topic, then a consumer: from the first request that reached the gateway to the last answer. Everything
 * that left is compared with the backlog, and every row of the ledger has to say so.
 */
export async function measureDrain(parts: DrainParts, plan: Plan): Promise<Drain> {
  const { installation, gateway, kafka } = parts
  await produceBacklog(kafka, installation.names.messages, plan)
  await gateway.resetPeak()
  const before = await gateway.stats()
  const consumer = await startConsumer(installation, { MAX_IN_FLIGHT: String(parts.inFlightMax) })
  try {
    const cpu = await cpuWhile(parts, consumer, { from: before.requests, to: before.requests + plan.length })
    await untilWritten(installation)
    const after = await gateway.stats()
    return {
      perSecond: perSecondOf(await gateway.requestsSince(before.requests)),
      micros: cpu,
      consumerRssMib: memoryOf(consumer.pid)?.peakMib,
      peak: after.inFlightPeak,
      findings: {
        ...judge(plan, await gateway.sentSince(before.sent)),
        unsentRows: await installation.store.db.collection('messages').countDocuments({ status: { $ne: 'sent' } }),
      },
    }
  } finally {
    await consumer.stop()
  }
}

/** Waits for the requests `from` to `to` and takes the CPU time spent meanwhile. */
async function cpuWhile(
  { gateway, gatewayPid, installation }: DrainParts,
  consumer: RunningProcess,
  { from, to }: Readonly<{ from: number; to: number }>,
): Promise<Drain['micros']> {
  const pids = { consumer: consumer.pid, mongod: installation.servers.mongodPid, gateway: gatewayPid }
  const take = async () => ({
    requests: (await gateway.stats()).requests,
    consumer: cpuSecondsOf(pids.consumer),
    mongod: cpuSecondsOf(pids.mongod),
    gateway: cpuSecondsOf(pids.gateway),
  })
  const reached = (count: number) => async () => {
    const now = await take()
    return now.requests >= count ? now : undefined
  }
  const first = await until('the first message has left', reached(from + 1))
  const last = await until('all messages have left', reached(to), { timeoutMs: 300_000, everyMs: 100 })
  const micros = (a: number | undefined, b: number | undefined) =>
    a === undefined || b === undefined ? undefined : Math.round(((b - a) * 1e6) / (last.requests - first.requests))
  return {
    consumer: micros(first.consumer, last.consumer),
    mongod: micros(first.mongod, last.mongod),
    gateway: micros(first.gateway, last.gateway),
  }
}

async function untilWritten({ store }: Installation): Promise<void> {
  const rows = store.db.collection('messages')
  await until('every row has ended', async () => ((await rows.countDocuments({ open: 1 })) === 0 ? true : undefined))
}
