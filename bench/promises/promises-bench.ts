import { type BenchResult, resultOf } from '../bench-result.ts'
import type { Options } from '../options.ts'
import { spreadOf } from '../statistics.ts'
import { type Gateway, gatewayAt } from '../system/gateway.ts'
import { install } from '../system/installation.ts'
import { startApi, startGateway } from '../system/programs.ts'
import { startOlderWay } from './older-way.ts'
import { startOurWay } from './our-way.ts'
import { type Played, playProgramme } from './play-programme.ts'
import { PROGRAMME } from './programme.ts'
import type { Way } from './way.ts'

/** What becomes of messages: the same minute of faults with the older way of sending and with this one. */
export async function runPromisesBench(options: Options): Promise<BenchResult> {
  await using cleanups = new AsyncDisposableStack()
  const installation = await install(options, { cleanups, partitions: PROGRAMME.partitions })
  console.log(`promises · ${installation.machine.description}`)
  const gatewayProcess = await startGateway(installation, {
    SANDBOX_LATENCY_MS: String(PROGRAMME.latencyMs),
    SANDBOX_TIME_SCALE: '0.01',
  })
  cleanups.defer(async () => void (await gatewayProcess.stop()))
  const gateway = gatewayAt(installation.gatewayUrl)
  await orderTrouble(installation.gatewayUrl)

  const api = await startApi(installation)
  cleanups.defer(async () => void (await api.stop()))

  const older: Played[] = []
  const ours: Played[] = []
  for (let round = 1; round <= (options.rounds ?? 1); round++) {
    const run = String(round)
    older.push(await play(startOlderWay(installation, gateway, run), gateway, `older ${run}`))
    ours.push(await play(startOurWay(installation, api, run), gateway, `ours ${run}`))
  }
  console.log(`\n${tableOf(older, ours)}\n`)
  return resultOf(brokenIn(ours), { rounds: ours.length, older: figuresOf(older), ours: figuresOf(ours) })
}

async function play(starting: Promise<Way>, gateway: Gateway, name: string): Promise<Played> {
  const way = await starting
  try {
    const played = await playProgramme(way, gateway, name)
    console.log(`${name}: ${JSON.stringify(played)}`)
    return played
  } finally {
    await way.stop()
  }
}

async function orderTrouble(gatewayUrl: string): Promise<void> {
  const response = await fetch(`${gatewayUrl}/sandbox/instances/*/program`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ failRate: PROGRAMME.failRate, status: 500 }),
  })
  if (!response.ok) throw new Error(`the gateway takes no program: ${response.status} ${await response.text()}`)
}

type Figure = Exclude<keyof Played, 'openAtKill' | 'seconds'>

const ROWS: readonly (readonly [Figure, string])[] = [
  ['accepted', 'messages accepted'],
  ['lost', 'lost'],
  ['twice', 'sent twice'],
  ['outOfOrder', 'out of order to one recipient'],
  ['burstMax', 'most in one second from one number'],
  ['accountedFor', 'whose fate can be looked up'],
]

function tableOf(older: readonly Played[], ours: readonly Played[]): string {
  const cell = (played: readonly Played[], figure: Figure): string => {
    const { median, min, max } = spreadOf(played.map((each) => each[figure]))
    return min === max ? String(median) : `${median} (${min}–${max})`
  }
  const lines = [
    ['', 'the older way', 'this one'],
    ...ROWS.map(([figure, words]) => [words, cell(older, figure), cell(ours, figure)]),
  ]
  return lines
    .map(([words = '', left = '', right = '']) => `${words.padEnd(36)}${left.padStart(18)}${right.padStart(18)}`)
    .join('\n')
}

function figuresOf(played: readonly Played[]): Readonly<Record<string, unknown>> {
  const figures = [...ROWS.map(([figure]) => figure), 'openAtKill' as const]
  return Object.fromEntries(figures.map((figure) => [figure, spreadOf(played.map((each) => each[figure]))]))
}

function brokenIn(ours: readonly Played[]): string[] {
  const burstBound = PROGRAMME.pacePerMinute / 60 + PROGRAMME.paceBurst
  return ours.flatMap((each) => [
    ...(each.lost > 0 ? [`${each.lost} lost`] : []),
    ...(each.outOfOrder > 0 ? [`${each.outOfOrder} out of order`] : []),
    ...(each.twice > each.openAtKill ? [`${each.twice} sent twice, ${each.openAtKill} were open at the kill`] : []),
    ...(each.burstMax > burstBound ? [`${each.burstMax} in one second from one number, more than ${burstBound}`] : []),
    ...(each.accountedFor < each.accepted ? [`${each.accepted - each.accountedFor} without an account`] : []),
  ])
}
