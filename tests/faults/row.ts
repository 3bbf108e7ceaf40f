import type { FaultRun } from './fault-run.ts'
import type { Policy } from './history.ts'
import type { SeededRandom } from './seeded-random.ts'

/** `short` for `npm test`, `usual` for the suite, `full` for the lengths of the table. */
export type Size = 'short' | 'usual' | 'full'

/** A value for each size. */
export type BySize = <T>(values: Readonly<Record<Size, T>>) => T

export type Row = Readonly<{
  number: number
  title: string
  /** What the row demands beyond the invariants, as its reader should hear it. */
  demand: string
  policies: readonly Policy[]
  /** Nothing else may run beside it. */
  alone: boolean
  /** Everything about a run that chance decides; the same random numbers give the same plan. */
  plan(random: SeededRandom, bySize: BySize): PlannedRun
}>

export type PlannedRun = Readonly<{ schedule: unknown; run(run: FaultRun): Promise<void> }>

export type RowDefinition<Schedule> = Readonly<{
  number: number
  title: string
  demand: string
  policies?: readonly Policy[]
  alone?: boolean
  /** Pure: what is drawn here is all that is random. */
  schedule(random: SeededRandom, bySize: BySize): Schedule
  run(run: FaultRun, schedule: Schedule): Promise<void>
}>

const rows = new Map<number, Row>()

/** Adds a row to the suite. */
export function defineRow<Schedule>(definition: RowDefinition<Schedule>): void {
  if (rows.has(definition.number)) throw new Error(`row ${definition.number} is defined twice`)
  rows.set(definition.number, rowOf(definition))
}

/** A row that stands by itself. */
export function rowOf<Schedule>(definition: RowDefinition<Schedule>): Row {
  const { number, title, demand, policies = ['resend'], alone = false } = definition
  return {
    number,
    title,
    demand,
    policies,
    alone,
    plan: (random, bySize) => {
      const schedule = definition.schedule(random, bySize)
      return { schedule, run: (run) => definition.run(run, schedule) }
    },
  }
}

/** The rows defined so far, by number. */
export function definedRows(): Row[] {
  return [...rows.values()].sort((a, b) => a.number - b.number)
}
