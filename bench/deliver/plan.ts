import type { Instance } from '@whatsapp-sender/store'
import { recipientAt } from '../system/recipients.ts'

/** Messages to send, in their order; the texts are unique. */
export type Plan = readonly PlannedMessage[]

export type PlannedMessage = Readonly<{ instance: Instance; to: string; text: string }>

const TEXT = 'Olá! Seu pedido saiu para entrega e chega hoje entre 14h e 18h. Qualquer dúvida, é só responder.'

/** One message to each recipient, instance after instance, and a second one to every tenth, so that lanes have an order. */
export function planForAll(fleet: readonly Instance[], recipients: number, name: string): Plan {
  const plan: PlannedMessage[] = []
  const add = (n: number, text: string): void => {
    const instance = fleet[n % fleet.length]
    if (instance !== undefined) plan.push({ instance, to: recipientAt(n), text: `${TEXT} [${name} ${text}]` })
  }
  for (let n = 0; n < recipients; n++) {
    add(n, `${n}`)
    if (n % 10 === 9) add(n - 9, `${n - 9} again`)
  }
  return plan
}

/** All messages to one recipient. */
export function planForOne(instance: Instance, messages: number, name: string): Plan {
  return Array.from({ length: messages }, (_, n) => ({ instance, to: recipientAt(0), text: `${TEXT} [${name} ${n}]` }))
}
