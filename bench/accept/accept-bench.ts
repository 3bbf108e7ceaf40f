import { type BenchResult, resultOf } from '../bench-result.ts'
import { findRecords } from '../kafka/find-records.ts'
import { connectKafka } from '../kafka/topic-client.ts'
import type { Options } from '../options.ts'
import { spreadOf } from '../statistics.ts'
import { install } from '../system/installation.ts'
import { memoryOf } from '../system/process-usage.ts'
import { startApi, startGateway } from '../system/programs.ts'
import { startBaseline } from './baseline-process.ts'
import { measurePairs, type Pair } from './measure-pairs.ts'
import { measureStorm } from './measure-storm.ts'
import { BATCH_ROWS, prepareSender } from './sender.ts'

const PARTITIONS = 24
/** Above it the load, not the server, may have been the limit. */
const LOAD_BUSY_MAX = 0.9

/** Accepted messages per second beside what Express can do at all, and what a storm of logins does to the callers. */
export async function runAcceptBench(options: Options): Promise<BenchResult> {
  await using cleanups = new AsyncDisposableStack()
  const installation = await install(options, { cleanups, partitions: PARTITIONS })
  console.log(`accept · ${installation.machine.description} · pinned: ${installation.machine.isPinned}`)
  const stopping = (running: Readonly<{ stop(): Promise<unknown> }>) =>
    cleanups.defer(async () => void (await running.stop()))
  stopping(await startGateway(installation))
  const api = await startApi(installation)
  stopping(api)
  const baseline = await startBaseline(installation)
  stopping(baseline)

  const sender = await prepareSender(api)
  const { pairs, ids } = await measurePairs({ api, baseline, sender, ...installation.servers, ...options })
  const storm = await measureStorm({ api, store: installation.store, sender, ids, ...options })
  const memory = memoryOf(api.pid)
  const found = await findRecords(connectKafka(installation.brokers), installation.names.messages, ids)
  console.log(`202: ${ids.length} · records in the topic: ${found.records} · of the 202s missing: ${found.missing}`)

  const broken = [
    ...(found.missing > 0 ? [`${found.missing} messages were answered 202 and are not in the topic`] : []),
    ...(found.repeated > 0 ? [`${found.repeated} ids were given twice`] : []),
    ...faultsOf(pairs),
    ...(storm.faults > 0 ? [`${storm.faults} accepts failed beside the logins`] : []),
  ]
  const ratio = spreadOf(pairs.map(({ accept, post }) => accept.perSecond / post.perSecond))
  const getHello = spreadOf(pairs.map(({ accept, hello }) => accept.perSecond / hello.perSecond))
  const batch = spreadOf(pairs.map((pair) => (pair.batch.perSecond * BATCH_ROWS) / pair.hello.perSecond))
  return resultOf(broken, {
    ratio: ratio.median,
    getHelloRatio: getHello.median,
    loginStormRatio: storm.ratio.median,
    batchRatio: batch.median,
    ratioRange: [ratio.min, ratio.max],
    getHelloRatioRange: [getHello.min, getHello.max],
    batchRatioRange: [batch.min, batch.max],
    loginStormRatioRange: [storm.ratio.min, storm.ratio.max],
    acceptedPerSecond: spreadOf(
      pairs.map(({ accept }) => accept.perSecond),
      0,
    ),
    batchMessagesPerSecond: spreadOf(
      pairs.map((pair) => pair.batch.perSecond * BATCH_ROWS),
      0,
    ),
    expressPostPerSecond: spreadOf(
      pairs.map(({ post }) => post.perSecond),
      0,
    ),
    expressHelloPerSecond: spreadOf(
      pairs.map(({ hello }) => hello.perSecond),
      0,
    ),
    cpuRatio: spreadOf(pairs.map(({ accept, post }) => post.serverMicros / accept.serverMicros)).median,
    cpuMicros: {
      accept: spreadOf(
        pairs.map(({ accept }) => accept.serverMicros),
        0,
      ).median,
      batchMessage: spreadOf(
        pairs.map((pair) => pair.batch.serverMicros / BATCH_ROWS),
        1,
      ).median,
      expressPost: spreadOf(
        pairs.map(({ post }) => post.serverMicros),
        0,
      ).median,
    },
    quietP99Ms: storm.quietP99Ms,
    stormP99Ms: storm.stormP99Ms,
    logins: storm.logins,
    apiRssPeakMib: memory?.peakMib,
    rounds: pairs.length,
  })
}

function faultsOf(pairs: readonly Pair[]): string[] {
  const runs = pairs.flatMap(({ accept, batch, post, hello }) => [accept, batch, post, hello])
  const faults = runs.reduce((sum, run) => sum + run.faults, 0)
  const busiest = Math.max(...runs.map((run) => run.loadBusy))
  return [
    ...(faults > 0 ? [`${faults} requests were not answered as they had to be`] : []),
    ...(busiest > LOAD_BUSY_MAX ? [`the load kept its core ${Math.round(busiest * 100)} % busy`] : []),
  ]
}
