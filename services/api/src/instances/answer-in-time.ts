import type { SendFailure } from '@whatsapp-sender/contract'
import { inTime } from '../in-time.ts'

/** For all that Evolution is asked within one request of ours, together. */
export const EVOLUTION_MS = 9000

/**
 * Evolution's answer, or a failure when there is none by `endsAt` (of `performance.now()`): what was asked may be done all
 * the same. The client's own time-outs are longer, for callers who can wait.
 */
export async function answerInTime<T extends object>(
  asked: Promise<T>,
  endsAt: number,
): Promise<T | Readonly<{ failure: SendFailure }>> {
  const answer = await inTime(asked, endsAt - performance.now())
  if (answer.kind === 'done') return answer.value
  return { failure: { kind: 'ambiguous', code: 'timeout', detail: 'no answer in time' } }
}
