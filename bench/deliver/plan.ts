import type { Instance } from '@whatsapp-sender/store'
import { recipientAt } from '../system/recipients.ts'

/** Messages to send, in their order; the texts are unique. */
export type Plan = readonly PlannedMessage[]

export type PlannedMessage = Readonly<{
  instance: Instance
  to: string
  text: string
  priority?: 'high' | 'normal' | 'bulk'
}>

const TEXT = 'Olá! Seu pedido saiu para entrega e chega hoje entre 14h e 18h. Qualquer dúvida, é só responder.'

/**
 * One message to each recipient, instance after instance, and now and then a second one, so that lanes have an order to
 * keep. Every instance gets as many as the others: an ideal that one instance alone would hold up is none.
 */
export function planForAll(fleet: readonly Instance[], recipients: number, name: string): Plan {
  const plan: PlannedMessage[] = []
  const add = (recipient: number, text: string): void => {
    const instance = fleet[recipient % fleet.length]
    if (instance !== undefined) plan.push({ instance, to: recipientAt(recipient), text: `${TEXT} [${name} ${text}]` })
  }
  for (let recipient = 0; recipient < recipients; recipient++) {
    add(recipient, `${recipient}`)
    const turn = Math.floor(recipient / fleet.length)
    if (turn % SECOND_EVERY === SECOND_EVERY - 1) add(recipient - fleet.length, `${recipient - fleet.length} again`)
  }
  return plan
}

const SECOND_EVERY = 10

/** All messages to one recipient. */
export function planForOne(instance: Instance, messages: number, name: string): Plan {
  return Array.from({ length: messages }, (_, n) => ({ instance, to: recipientAt(0), text: `${TEXT} [${name} ${n}]` }))
}

/**
 * So many messages to one recipient of each instance, and after them one to each of many others: what a lane that is much
 * longer than memory does to the rest.
 */
export function* planWithHotLanes(
  fleet: readonly Instance[],
  { hot, others, name }: Readonly<{ hot: number; others: number; name: string }>,
): Generator<PlannedMessage> {
  for (let n = 0; n < hot; n++)
    for (const [at, instance] of fleet.entries())
      yield { instance, to: recipientAt(at), text: `${TEXT} [${name} hot ${at} ${n}]` }
  for (let n = 0; n < others; n++)
    for (const [at, instance] of fleet.entries())
      yield { instance, to: recipientAt((n + 1) * fleet.length + at), text: `${TEXT} [${name} other ${at} ${n}]` }
}

/** So many messages for each instance, each to another recipient. */
export function* planForEach(fleet: readonly Instance[], messages: number, name: string): Generator<PlannedMessage> {
  for (let n = 0; n < messages; n++)
    for (const [at, instance] of fleet.entries())
      yield { instance, to: recipientAt(n * fleet.length + at), text: `${TEXT} [${name} ${at} ${n}]` }
}
