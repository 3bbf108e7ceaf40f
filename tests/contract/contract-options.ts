import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'

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
  const { seed, 'max-examples': maxExamples } = flagsOf(args)
  return {
    seed: seed === undefined ? randomInt(1_000_000) : wholeNumber(seed, 0, 999_999_999),
    maxExamples: maxExamples === undefined ? 20 : wholeNumber(maxExamples, 1, 10_000),
  }
}

function flagsOf(args: readonly string[]) {
  try {
    const options = { seed: { type: 'string' }, 'max-examples': { type: 'string' } } as const
    return parseArgs({ args: [...args], options }).values
  } catch (cause) {
    throw new ContractOptionsError(USAGE, { cause })
  }
}

function wholeNumber(text: string, min: number, max: number): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
  if (value >= min && value <= max) return value
  throw new ContractOptionsError(USAGE)
}
