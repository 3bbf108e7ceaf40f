/** What a bench prints as its last line. With something in `broken` there are no ratios among the figures. */
export type BenchResult = Readonly<{
  figures: Readonly<Record<string, unknown>>
  /** Invariants that did not hold during the run, in words. */
  broken: readonly string[]
}>

/** Figures count only if nothing was broken while they were measured. */
export function resultOf(broken: readonly string[], figures: Readonly<Record<string, unknown>>): BenchResult {
  return broken.length === 0 ? { figures, broken } : { figures: { broken }, broken }
}
