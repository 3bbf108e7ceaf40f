import { hash } from 'node:crypto'

/** Numbers that look random and are always the same for the same seed and purpose. */
export type SeededRandom = Readonly<{
  /** From 0 to below 1. */
  next(): number
  /** A whole number, both ends included. */
  between(min: number, max: number): number
  pick<T>(from: readonly [T, ...T[]]): T
}>

/** `purpose` keeps the draws of one thing apart from those of another, so that a new draw here moves nothing there. */
export function seededRandom(seed: string, purpose: string): SeededRandom {
  let state = Number.parseInt(hash('sha256', `${seed}/${purpose}`).slice(0, 8), 16)
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  const between = (min: number, max: number): number => min + Math.floor(next() * (max - min + 1))
  return { next, between, pick: (from) => from[between(0, from.length - 1)] ?? from[0] }
}
