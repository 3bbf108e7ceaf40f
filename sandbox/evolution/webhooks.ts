import type { EventOrder, EventOrders } from './event-orders.ts'
import type { EvolutionInstance } from './instances.ts'
import { isJsonObject } from './json.ts'
import { wait } from './wait.ts'
import { askedAs, destinationOf, type EventName, envelopeOf } from './webhook-envelope.ts'
import { sentHeaders } from './webhook-jwt.ts'
import { createWebhookPosts } from './webhook-posts.ts'

export type Webhooks = Readonly<{
  emit(instance: EvolutionInstance, event: EventName, data: unknown): void
  /** Ends when nothing of this instance waits to be posted. */
  idle(instance: EvolutionInstance): Promise<void>
  stats(): { delivered: number; waiting: number; dropped: number }
  stop(): void
}>

/** What may wait to be told, whether for its turn, for a retry or by an order: beyond either, events are dropped. */
const WAITING_MAX = 50_000
const WAITING_CHARS_MAX = 64 * 1024 * 1024
/** How long an event that shall be overtaken waits for another. */
const OVERTAKEN_WITHIN_MS = 2_000

/** Tells an instance's webhook what happened, in the way its orders want it. */
export function createWebhooks(o: { timeScale: number; orders: EventOrders; serverUrl(): string }): Webhooks {
  const posts = createWebhookPosts(o)
  const pending = new Map<string, Set<Promise<void>>>()
  const overtaken = new Map<string, () => void>()
  let waiting = 0
  let waitingChars = 0
  let dropped = 0

  return {
    emit,
    async idle({ id }) {
      for (let mine = pending.get(id); mine !== undefined; mine = pending.get(id)) await Promise.all(mine)
    },
    stats() {
      const posted = posts.stats()
      return { delivered: posted.delivered, waiting, dropped: posted.dropped + dropped }
    },
    stop: posts.stop,
  }

  function emit(instance: EvolutionInstance, event: EventName, data: unknown): void {
    const order = orderOf(instance, event)
    const destination = destinationOf(instance, event)
    if (destination !== undefined && order.never !== true) {
      const body = JSON.stringify(envelopeOf({ instance, event, data, destination, serverUrl: o.serverUrl() }))
      const headers = sentHeaders(instance.webhook?.headers ?? {})
      const post = () => posts.post({ url: destination, headers, body })
      for (let copy = 0; copy < (order.copies ?? 1); copy += 1) {
        track(instance, body.length, () => deliver(instance, order, post))
      }
    }
    if (event === 'send.message' && o.orders.of(instance.name)?.serverAck === true) acknowledge(instance, data)
  }

  function orderOf({ name }: EvolutionInstance, event: EventName): EventOrder {
    const order = o.orders.of(name) ?? {}
    return order.events === undefined || order.events.some((wanted) => wanted === askedAs(event)) ? order : {}
  }

  function acknowledge(instance: EvolutionInstance, message: unknown): void {
    const key = isJsonObject(message) && isJsonObject(message['key']) ? message['key'] : {}
    const { id: keyId, remoteJid } = key
    const { id: instanceId } = instance
    emit(instance, 'messages.update', { keyId, remoteJid, fromMe: true, status: 'SERVER_ACK', instanceId })
  }

  async function deliver({ id }: EvolutionInstance, order: EventOrder, post: () => Promise<void>): Promise<void> {
    if (order.delayMs !== undefined) await wait(order.delayMs)
    if (order.swap !== true) return post()
    const earlier = overtaken.get(id)
    if (earlier === undefined) {
      await untilOvertaken(id)
      return post()
    }
    overtaken.delete(id)
    await post()
    earlier()
  }

  function untilOvertaken(id: string): Promise<void> {
    return new Promise((resolve) => {
      overtaken.set(id, resolve)
      setTimeout(() => {
        if (overtaken.get(id) === resolve) overtaken.delete(id)
        resolve()
      }, OVERTAKEN_WITHIN_MS).unref()
    })
  }

  function track({ id }: EvolutionInstance, chars: number, begin: () => Promise<void>): void {
    if (waiting >= WAITING_MAX || waitingChars + chars > WAITING_CHARS_MAX) {
      dropped += 1
      return
    }
    waiting += 1
    waitingChars += chars
    const work = begin()
    const mine = pending.get(id) ?? new Set()
    pending.set(id, mine.add(work))
    void work.then(() => {
      waiting -= 1
      waitingChars -= chars
      mine.delete(work)
      if (mine.size === 0) pending.delete(id)
    })
  }
}
