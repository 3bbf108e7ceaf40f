import type { Store } from '@whatsapp-sender/store'
import { percentileOf, type Spread, spreadOf } from '../statistics.ts'
import type { RunningApi } from '../system/programs.ts'
import { prepareLoginStorm } from './login-storm.ts'
import { runOpenLoop } from './open-loop.ts'
import type { Sender } from './sender.ts'

const PER_SECOND = 500
const SECONDS = 8
const ROUNDS = 3

export type StormFigures = Readonly<{
  ratio: Spread
  quietP99Ms: Spread
  stormP99Ms: Spread
  /** Logins by the status they were answered with, all rounds together. */
  logins: Readonly<Record<string, number>>
  faults: number
}>

/** p99 of accepts at a constant 500/s while forty people log in, beside that of a quiet time right before. */
export async function measureStorm(
  o: Readonly<{ api: RunningApi; store: Store; sender: Sender; ids: string[]; rounds: number | undefined }>,
): Promise<StormFigures> {
  const storm = await prepareLoginStorm(o.api, o.store)
  let faults = 0
  const p99 = async (): Promise<number> => {
    const { headers, bodies } = o.sender
    const run = await runOpenLoop({
      url: `${o.api.url}/v1/messages`,
      headers,
      bodies,
      perSecond: PER_SECOND,
      seconds: SECONDS,
    })
    o.ids.push(...run.ids)
    faults += run.faults
    return percentileOf(run.latenciesMs, 0.99)
  }
  const rounds: { quiet: number; stormy: number }[] = []
  const logins: Record<string, number> = {}
  await p99()
  for (let round = 1; round <= Math.min(ROUNDS, o.rounds ?? ROUNDS); round++) {
    const quiet = await p99()
    const { result: stormy, statuses } = await storm.rage(p99)
    rounds.push({ quiet, stormy })
    for (const [status, count] of Object.entries(statuses)) logins[status] = (logins[status] ?? 0) + count
    console.log(
      `storm ${round}: p99 ${quiet.toFixed(1)} ms quiet, ${stormy.toFixed(1)} ms with ${JSON.stringify(statuses)} logins`,
    )
  }
  return {
    ratio: spreadOf(rounds.map(({ quiet, stormy }) => stormy / quiet)),
    quietP99Ms: spreadOf(
      rounds.map(({ quiet }) => quiet),
      1,
    ),
    stormP99Ms: spreadOf(
      rounds.map(({ stormy }) => stormy),
      1,
    ),
    logins,
    faults,
  }
}
