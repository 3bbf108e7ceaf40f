import type { EventOrders } from './event-orders.ts'
import type { Answer } from './http/answer.ts'
import type { EvolutionInstance } from './instances.ts'
import { isJsonObject } from './json.ts'
import { wait } from './wait.ts'
import type { Webhooks } from './webhooks.ts'

/** A receiver that never answers must not hold the caller for ever. */
const LATEST_MS = 30_000

/** Holds back the 201 of a send until its events were posted, where an order says so. */
export function createLateAnswers(o: { orders: EventOrders; webhooks: Webhooks; readAfterMs: number }) {
  return async (instance: EvolutionInstance, answer: Answer): Promise<void> => {
    if (o.orders.of(instance.name)?.beforeAnswer !== true || !isSent(answer)) return
    // The last receipt's timer is older than this one.
    await wait(o.readAfterMs)
    await Promise.race([o.webhooks.idle(instance), wait(LATEST_MS)])
  }
}

function isSent(answer: Answer): boolean {
  return answer !== 'hang-up' && answer.status === 201 && isJsonObject(answer.body) && isJsonObject(answer.body['key'])
}
