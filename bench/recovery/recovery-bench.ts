import { type BenchResult, resultOf } from '../bench-result.ts'
import { createFleet } from '../deliver/fleet.ts'
import { withGateway } from '../deliver/with-gateway.ts'
import { emptyLedger } from '../ledger/seed-ledger.ts'
import type { Options } from '../options.ts'
import { spreadOf } from '../statistics.ts'
import { install } from '../system/installation.ts'
import { tableOf } from '../table.ts'
import { type Loss, measureLoss } from './measure-loss.ts'

const INSTANCES = 200
const PARTITIONS = 24
const SESSION_TIMEOUT_MS = 10_000
const ROUNDS = 3
const RATIO_GOAL = 1.1
const HAND_OVER_GOAL_MS = 2000

type Kind = 'SIGKILL' | 'SIGTERM'

/** How long nobody sends for the instances of a consumer that is killed, or told to stop, under 500 messages a second. */
export async function runRecoveryBench(options: Options): Promise<BenchResult> {
  await using cleanups = new AsyncDisposableStack()
  const installation = await install(options, { cleanups, partitions: PARTITIONS })
  console.log(`recovery · ${installation.machine.description}`)
  const fleet = await createFleet(installation, { count: INSTANCES, state: 'open' })
  const losses: Record<Kind, Loss[]> = { SIGKILL: [], SIGTERM: [] }
  await withGateway(installation, { fleet, latencyMs: 100 }, async (gateway) => {
    for (let round = 1; round <= (options.rounds ?? (options.isQuick ? 1 : ROUNDS)); round++) {
      for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
        if (options.only !== undefined && !options.only.includes(signal)) continue
        const loss = await measureLoss({ ...gateway, inFlightMax: 256 }, fleet, {
          signal,
          sessionTimeoutMs: SESSION_TIMEOUT_MS,
          name: `${signal} ${round}`,
        })
        losses[signal].push(loss)
        console.log(`${signal} ${round}: ${JSON.stringify(loss)}`)
        await emptyLedger(installation.store)
      }
    }
  })
  return report(losses)
}

function report(losses: Readonly<Record<Kind, readonly Loss[]>>): BenchResult {
  const spread = (kind: Kind, value: (loss: Loss) => number) => spreadOf(losses[kind].map(value), 2)
  const sum = (kind: Kind, value: (loss: Loss) => number) =>
    losses[kind].reduce((total, loss) => total + value(loss), 0)
  const kinds = (['SIGKILL', 'SIGTERM'] as const).filter((kind) => losses[kind].length > 0)
  console.log(
    tableOf([
      ['', 'first send after ms', 'of the last instance', 'sent twice', 'in sending', 'lost', 'out of order'],
      ...kinds.map((kind) => [
        `${kind} × ${losses[kind].length}`,
        `${spread(kind, (loss) => loss.recoveredMs).median}`,
        `${spread(kind, (loss) => loss.allRecoveredMs).median}`,
        ...[sum(kind, ({ findings }) => findings.twice), sum(kind, (loss) => loss.sendingAtSignal)].map(String),
        ...[sum(kind, ({ findings }) => findings.lost), sum(kind, ({ findings }) => findings.outOfOrder)].map(String),
      ]),
    ]),
  )
  return resultOf(
    kinds.flatMap((kind) => losses[kind].flatMap((loss) => brokenIn(kind, loss))),
    {
      ...(losses.SIGKILL.length > 0 && {
        killRatio: spread('SIGKILL', (loss) => loss.recoveredMs / SESSION_TIMEOUT_MS),
        killRatioGoal: RATIO_GOAL,
        killSentTwice: sum('SIGKILL', ({ findings }) => findings.twice),
        killInSending: sum('SIGKILL', (loss) => loss.sendingAtSignal),
      }),
      ...(losses.SIGTERM.length > 0 && {
        handOverMs: spread('SIGTERM', (loss) => loss.recoveredMs),
        handOverOfAllMs: spread('SIGTERM', (loss) => loss.allRecoveredMs),
        handOverGoalMs: HAND_OVER_GOAL_MS,
        exitMs: spread('SIGTERM', (loss) => loss.exitMs),
      }),
    },
  )
}

function brokenIn(kind: Kind, { findings, sendingAtSignal }: Loss): string[] {
  const { twice, ...none } = findings
  const twiceMax = kind === 'SIGKILL' ? sendingAtSignal : 0
  return [
    ...Object.entries(none).flatMap(([what, count]) => (count > 0 ? [`${kind}, ${what}: ${count}`] : [])),
    ...(twice > twiceMax ? [`${kind}: ${twice} sent twice, more than ${twiceMax}`] : []),
  ]
}
