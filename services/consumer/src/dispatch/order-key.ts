import type { OrderKey } from '@whatsapp-sender/store'

/** Negative when `a` comes first. */
export function compareKeys(a: OrderKey, b: OrderKey): number {
  if (a.appendedAt !== b.appendedAt) return a.appendedAt - b.appendedAt
  return a.offset < b.offset ? -1 : a.offset > b.offset ? 1 : 0
}

/** The first of two, as far as they are there. */
export function earlierKey(a: OrderKey | undefined, b: OrderKey | undefined): OrderKey | undefined {
  if (a === undefined || b === undefined) return a ?? b
  return compareKeys(a, b) <= 0 ? a : b
}
