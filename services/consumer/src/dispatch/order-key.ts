import type { OrderKey } from '@whatsapp-sender/store'

/** Negative when `a` comes first. */
export function compareKeys(a: OrderKey, b: OrderKey): number {
  if (a.appendedAt !== b.appendedAt) return a.appendedAt - b.appendedAt
  return a.offset < b.offset ? -1 : a.offset > b.offset ? 1 : 0
}
