import { randomInt } from 'node:crypto'

export type ContractOptions = Readonly<{
  /** The same seed makes the same calls of the same document. */
  seed: number
  /** Made-up calls for each operation, at most. */
  maxExamples: number
}>

export class ContractOptionsError extends Error {
  override readonly name = 'ContractOptionsError'
}

const USAGE = 'npm run test:contract -- [--seed <0 to 999999999>] [--max-examples <1 to 10000>]'

/** @throws {ContractOptionsError} */
export function parseContractOptions(args: readonly string[]): ContractOptions {
  const options = { seed: randomInt(1_000_000), maxExamples: 20 }
  const waiting = [...args]
  for (let flag = waiting.shift(); flag !== undefined; flag = waiting.shift()) {
    const value = Number(/^\d{1,9}$/.exec(waiting.shift() ?? '')?.[0] ?? Number.NaN)
    if (flag === '--seed' && value >= 0) options.seed = value
    else if (flag === '--max-examples' && value >= 1 && value <= 10_000) options.maxExamples = value
    else throw new ContractOptionsError(USAGE)
  }
  return options
}
