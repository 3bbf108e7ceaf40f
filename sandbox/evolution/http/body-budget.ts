/** The real server's bound for one body. */
export const BODY_BYTES_MAX = 136 * 1024 * 1024

/** All requests that are under way may hold this much together; what goes beyond is told to be too large. */
const HELD_BYTES_MAX = 3 * BODY_BYTES_MAX
let heldInAll = 0

/** What one request holds, until it is answered. */
export type BodyBudget = Readonly<{
  /** False when there is no room for so much more. */
  take(bytes: number): boolean
  release(): void
}>

export function createBodyBudget(): BodyBudget {
  let held = 0
  return {
    take(bytes) {
      if (heldInAll + bytes > HELD_BYTES_MAX) return false
      held += bytes
      heldInAll += bytes
      return true
    },
    release() {
      heldInAll -= held
      held = 0
    },
  }
}
