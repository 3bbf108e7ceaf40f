/** Middle and ends of a few measurements. */
export type Spread = Readonly<{ median: number; min: number; max: number }>

export function spreadOf(values: readonly number[], digits = 3): Spread {
  const sorted = [...values].sort((a, b) => a - b)
  const rounded = (value: number | undefined) => Number((value ?? Number.NaN).toFixed(digits))
  const middle = ((sorted[(sorted.length - 1) >> 1] ?? 0) + (sorted[sorted.length >> 1] ?? 0)) / 2
  return { median: rounded(middle), min: rounded(sorted[0]), max: rounded(sorted.at(-1)) }
}

/** @param share 0.99 for the 99th percentile */
export function percentileOf(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort()
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN
}
