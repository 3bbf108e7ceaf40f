import type { LaneRow } from '@whatsapp-sender/store'
import type { DeliveryResult, DeliverySteps } from '../delivery/deliver-message.ts'
import type { Clock } from './clock.ts'
import { createRateMeter } from './rate-meter.ts'
import { createSlots } from './slots.ts'

/** How far claims may run ahead of free slots, so that no slot starves while a claim flies. */
const CLAIM_AHEAD_MS = 50
const CLAIM_AHEAD_MIN = 8

/** Carries selected messages through claim, slot, send and outcome, and counts them on the way. */
export type Carrier = Readonly<{
  /** Room for one more selected message: the slots, and a little ahead of them. */
  hasRoom(): boolean
  /** `onAnswered` comes once, when the slot is free again: before the outcome is written. */
  carry(row: LaneRow, onAnswered: () => void): Promise<Readonly<{ result: DeliveryResult; begun: boolean }>>
  /** What has no slot yet does not begin any more: it is given back. */
  turnAway(): void
  isHeld(messageId: string): boolean
  inFlight(): number
  /** Resolves when nothing is under way. */
  idle(): Promise<void>
}>

export function createCarrier({
  clock,
  maxInFlight,
  deliver,
}: Readonly<{
  clock: Pick<Clock, 'monotonic'>
  maxInFlight: number
  deliver(row: LaneRow, steps: DeliverySteps): Promise<DeliveryResult>
}>): Carrier {
  const slots = createSlots(maxInFlight)
  const answers = createRateMeter()
  const held = new Set<string>()
  let unstarted = 0
  const idleListeners: (() => void)[] = []

  const stepsOf = (onAnswered: () => void): DeliverySteps => {
    let state: 'selected' | 'open' | 'answered' = 'selected'
    return {
      begun: false,
      slot: async () => {
        if (!(await slots.take())) return false
        unstarted -= 1
        state = 'open'
        return true
      },
      answered: () => {
        if (state === 'answered') return
        if (state === 'open') slots.free()
        else unstarted -= 1
        state = 'answered'
        answers.mark(clock.monotonic())
        onAnswered()
      },
    }
  }

  return {
    hasRoom: () => {
      const ahead = Math.ceil((answers.perSecond(clock.monotonic()) * CLAIM_AHEAD_MS) / 1000)
      return unstarted + slots.inUse() < maxInFlight + Math.max(CLAIM_AHEAD_MIN, ahead)
    },
    carry: async (row, onAnswered) => {
      unstarted += 1
      held.add(row.id)
      const steps = stepsOf(onAnswered)
      const result = await deliver(row, steps)
      held.delete(row.id)
      steps.answered()
      if (held.size === 0) for (const listener of idleListeners.splice(0)) listener()
      return { result, begun: steps.begun }
    },
    turnAway: slots.turnAway,
    isHeld: (messageId) => held.has(messageId),
    inFlight: () => slots.inUse(),
    idle: async () => {
      if (held.size > 0) await new Promise<void>((resolve) => idleListeners.push(resolve))
    },
  }
}
