import type { InstanceState } from './instance.ts'

/**
 * What unfinished messages wait for, counted by instance and not looked at one by one: their time, their next attempt, a
 * pause, a phone that is not connected, or their turn (pace, caps, those before them and a free slot in it).
 */
export const WAITING_REASONS = ['schedule', 'retry', 'paused', 'instance', 'turn'] as const
export type WaitingReason = (typeof WAITING_REASONS)[number]

/** @param instance the live one that they go through; undefined: it is gone, or nobody knows it */
export function waitingReasonOf(
  state: 'scheduled' | 'retry' | 'ready',
  instance: Readonly<{ paused: boolean; state: InstanceState; deletedAt?: Date }> | undefined,
): WaitingReason {
  if (state === 'scheduled') return 'schedule'
  if (instance?.paused) return 'paused'
  if (instance?.state !== 'open' || instance.deletedAt !== undefined) return 'instance'
  return state === 'retry' ? 'retry' : 'turn'
}
