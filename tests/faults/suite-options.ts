import { randomInt } from 'node:crypto'
import type { Size } from './row.ts'

export type SuiteOptions = Readonly<{
  seeds: readonly string[]
  /** Undefined: every row. */
  rows: ReadonlySet<number> | undefined
  atOnce: number
  size: Size
  /** Runs again what is done already. */
  fresh: boolean
  /** Where the report goes besides the folder of the runs. */
  report: string | undefined
  /** Judges the logs below this folder again, and runs nothing. */
  check: string | undefined
}>

export class SuiteOptionsError extends Error {
  override readonly name = 'SuiteOptionsError'
}

/** @throws {SuiteOptionsError} */
export function parseSuiteOptions(args: readonly string[], env: NodeJS.ProcessEnv): SuiteOptions {
  const options: { fresh: boolean; report: string | undefined; check: string | undefined } = {
    fresh: false,
    report: undefined,
    check: undefined,
  }
  const waiting = [...args]
  for (let flag = waiting.shift(); flag !== undefined; flag = waiting.shift()) {
    if (flag === '--fresh') options.fresh = true
    else if (flag === '--report') options.report = takeValue(flag, waiting.shift())
    else if (flag === '--check') options.check = takeValue(flag, waiting.shift())
    else throw new SuiteOptionsError(`"${flag}" is none of --fresh, --report <file>, --check <folder>`)
  }
  return {
    ...options,
    seeds: seedsOf(env['FAULTS_SEED']),
    rows: env['FAULTS_ROWS'] ? rowsOf(env['FAULTS_ROWS']) : undefined,
    atOnce: wholeNumber('FAULTS_AT_ONCE', env['FAULTS_AT_ONCE'] || '3'),
    size: env['FAULTS_FULL'] === '1' ? 'full' : 'usual',
  }
}

function takeValue(flag: string, value: string | undefined): string {
  if (value === undefined) throw new SuiteOptionsError(`${flag} needs a value`)
  return value
}

/** One seed, or several parted by commas; a new one when none is given. */
function seedsOf(given: string | undefined): string[] {
  if (!given) return [String(randomInt(1_000_000))]
  const seeds = given.split(',').map((seed) => seed.trim())
  const odd = seeds.find((seed) => !/^[\w-]{1,32}$/.test(seed))
  if (odd !== undefined) throw new SuiteOptionsError(`FAULTS_SEED: "${odd}" is no seed`)
  return seeds
}

/** `1,5,15-18` */
function rowsOf(given: string): Set<number> {
  const rows = new Set<number>()
  for (const part of given.split(',')) {
    const [from = '', to = from] = part.trim().split('-')
    const last = wholeNumber('FAULTS_ROWS', to)
    for (let row = wholeNumber('FAULTS_ROWS', from); row <= last; row++) rows.add(row)
  }
  return rows
}

function wholeNumber(variable: string, text: string): number {
  if (!/^[1-9]\d{0,2}$/.test(text)) throw new SuiteOptionsError(`${variable}: "${text}" is no number from 1 to 999`)
  return Number(text)
}
