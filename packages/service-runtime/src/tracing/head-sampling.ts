/** Traces a second, in this process, that callers may have kept beyond the ratio. */
const ASKED_PER_SECOND = 10

/**
 * Decides where a trace begins whether all of it is kept. A caller who says in his `traceparent` that he keeps his part gets
 * ours as well, up to a bound: his flag costs him nothing, and us a place in the export.
 */
export type HeadSampling = (o: Readonly<{ isAsked: boolean }>) => boolean

/** @param o.ratio 0 to 1: which part of the traces @param o.now monotonic, ms */
export function createHeadSampling(
  o: Readonly<{ ratio: number; now?: () => number; random?: () => number }>,
): HeadSampling {
  const { ratio, now = () => performance.now(), random = Math.random } = o
  let second = 0
  let given = 0

  const isWithinBound = (): boolean => {
    const current = Math.floor(now() / 1000)
    if (current !== second) given = 0
    second = current
    given += 1
    return given <= ASKED_PER_SECOND
  }

  return ({ isAsked }) => random() < ratio || (isAsked && isWithinBound())
}
