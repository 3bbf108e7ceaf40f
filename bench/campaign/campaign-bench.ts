import { setTimeout as wait } from 'node:timers/promises'
import { until } from '@whatsapp-sender/sandbox/process/until'
import { prepareSender } from '../accept/sender.ts'
import { type BenchResult, resultOf } from '../bench-result.ts'
import type { Options } from '../options.ts'
import { type Gateway, gatewayAt } from '../system/gateway.ts'
import { install } from '../system/installation.ts'
import { memoryOf } from '../system/process-usage.ts'
import { startApi, startConsumer, startGateway } from '../system/programs.ts'
import { restClient } from '../system/rest-client.ts'
import { followSends, type Sends } from './follow-sends.ts'
import { measureUpload } from './measure-upload.ts'
import { createCampaign, type RunningCampaign, untilStill } from './running-campaign.ts'

const ROWS = 1_000_000
/** More than are fed ahead of what is sent. */
const QUICK_ROWS = 50_000
const PARTITIONS = 24
/** An instance sends one message at a time, so this is what bounds it. */
const LATENCY_MS = 5
const GOAL_MIB = 200
const AHEAD_MAX = 1000
const STILL_MS = 4000
const TOLD_EVERY_MS = 10_000
const ALL_SENT_TIMEOUT_MS = 3_600_000

/**
 * What a file of a million rows takes of memory, while it comes in and while its rows become messages and leave; and
 * whether each row leaves once, however the campaign is paused.
 */
export async function runCampaignBench(options: Options): Promise<BenchResult> {
  await using cleanups = new AsyncDisposableStack()
  const installation = await install(options, { cleanups, partitions: PARTITIONS })
  console.log(`campaign · ${installation.machine.description}`)
  const stopping = <T extends Readonly<{ stop(): Promise<unknown> }>>(running: T): T => {
    cleanups.defer(async () => void (await running.stop()))
    return running
  }
  const latency = { SANDBOX_LATENCY_MS: String(LATENCY_MS), SANDBOX_LATENCY_JITTER_MS: '0' }
  const { pid: gatewayPid } = stopping(await startGateway(installation, latency))
  const api = stopping(await startApi(installation))
  const { headers } = await prepareSender(api)
  const consumer = stopping(await startConsumer(installation))

  const rows = options.rows ?? (options.isQuick ? QUICK_ROWS : ROWS)
  const client = restClient(api.url, (headers['authorization'] ?? '').replace('Bearer ', ''))
  const campaign = await createCampaign(client, installation.store)
  const url = `${api.url}/v1/campaigns/${campaign.id}/rows`
  const uploaded = await measureUpload({
    url,
    token: client.token,
    rows,
    pid: api.pid,
    countKept: campaign.countRows,
  })
  console.log(`${rows} rows in ${uploaded.seconds} s · ${JSON.stringify(uploaded.rssMib)}`)
  const broken = uploaded.valid === rows ? [] : [`of ${rows} rows ${uploaded.valid} were taken`]

  const gateway = gatewayAt(installation.gatewayUrl)
  const aheadMax = await measureAhead(campaign, gatewayPid)
  if (aheadMax > AHEAD_MAX) broken.push(`${aheadMax} messages of an instance waited at once`)
  const sends = followSends(gateway, rows)
  const paused = await measurePause(campaign, gateway)
  if (paused.sentWhilePaused + paused.fedWhilePaused > 0) broken.push(`while it was paused: ${JSON.stringify(paused)}`)
  const rest = await measureRest(campaign, sends)
  await sends.end()
  broken.push(...(await faultsOf(campaign, { sends, rows })))
  const memory = { api: memoryOf(api.pid)?.peakMib, consumer: memoryOf(consumer.pid)?.peakMib }
  if (memory.api !== undefined && memory.api > GOAL_MIB) console.log(`MISSED: the API took ${memory.api} MiB`)
  return resultOf(broken, {
    rows,
    apiRssPeakMib: memory.api,
    rssGoalMib: GOAL_MIB,
    uploadRssMib: uploaded.rssMib,
    uploadRowsPerSecond: uploaded.rowsPerSecond,
    aheadMax,
    ...paused,
    ...rest,
    consumerRssPeakMib: memory.consumer,
  })
}

/** How many messages of an instance there are at most when none of them leaves. */
async function measureAhead(campaign: RunningCampaign, gatewayPid: number): Promise<number> {
  process.kill(gatewayPid, 'SIGSTOP')
  try {
    await campaign.move('start')
    await until('rows become messages', async () => ((await campaign.fed()) > 0 ? true : undefined))
    const fed = await untilStill('no further row becomes a message', campaign.fed, STILL_MS)
    const aheadMax = Math.max(...(await campaign.parts()).map((part) => part.fed))
    console.log(`${fed} rows became messages while none left, ${aheadMax} of an instance at most`)
    return aheadMax
  } finally {
    process.kill(gatewayPid, 'SIGCONT')
  }
}

/** How long messages go on leaving after a pause, and how long until they leave again after it is over. */
async function measurePause(campaign: RunningCampaign, gateway: Gateway) {
  const sent = async () => (await gateway.stats()).sent
  const moreThan = (count: number) => async () => ((await sent()) > count ? true : undefined)
  await until('messages leave', moreThan(1000))
  await campaign.move('pause')
  const pausedAt = performance.now()
  const areHeld = async () => ((await campaign.countQueued()) === 0 ? true : undefined)
  await until('what waits is held', areHeld, { timeoutMs: 120_000, everyMs: 100 })
  const pauseSeconds = secondsSince(pausedAt)
  await untilStill('what was under way has left', sent, 1000)
  const before = { sent: await sent(), fed: await campaign.fed() }
  await wait(STILL_MS)
  const after = { sent: await sent(), fed: await campaign.fed() }
  await campaign.move('resume')
  const resumedAt = performance.now()
  await until('messages leave again', moreThan(after.sent), { timeoutMs: 120_000 })
  const told = {
    pauseSeconds,
    resumeSeconds: secondsSince(resumedAt),
    sentWhilePaused: after.sent - before.sent,
    fedWhilePaused: after.fed - before.fed,
  }
  console.log(`paused with ${before.sent} sent · ${JSON.stringify(told)}`)
  return told
}

/** From here to the end of the campaign. */
async function measureRest(campaign: RunningCampaign, sends: Sends) {
  const [startedAt, before] = [performance.now(), sends.total()]
  const timer = setInterval(() => {
    console.log(`${sends.total()} have left after ${Math.round(secondsSince(startedAt))} s`)
  }, TOLD_EVERY_MS)
  try {
    const isOver = async () => ((await campaign.status()) === 'running' ? undefined : true)
    await until('the campaign is over', isOver, { timeoutMs: ALL_SENT_TIMEOUT_MS, everyMs: 1000 })
  } finally {
    clearInterval(timer)
  }
  return { sentPerSecond: Math.round((sends.total() - before) / secondsSince(startedAt)) }
}

/** Every row is one message, and left once. */
async function faultsOf(
  campaign: RunningCampaign,
  { sends, rows }: Readonly<{ sends: Sends; rows: number }>,
): Promise<string[]> {
  const status = await campaign.status()
  const [messages, left] = [await campaign.countMessages(), await campaign.countRows()]
  const found = Object.entries(sends.findings()).filter(([, count]) => count > 0)
  return [
    ...(status === 'done' ? [] : [`the campaign is ${status}`]),
    ...(messages === rows ? [] : [`of ${rows} rows ${messages} are messages`]),
    ...(left === 0 ? [] : [`${left} rows are left`]),
    ...found.map(([what, count]) => `${count} ${what}`),
  ]
}

function secondsSince(startedAt: number): number {
  return Number(((performance.now() - startedAt) / 1000).toFixed(1))
}
