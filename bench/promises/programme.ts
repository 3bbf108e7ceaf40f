import { recipientAt } from '../system/recipients.ts'

/**
 * One minute of a shop, the same for both ways of sending: a steady flow, a campaign in the middle of it, an Evolution
 * that fails often, recipients whom WhatsApp never answers for, and a process that is killed.
 */
export const PROGRAMME = {
  instances: 6,
  /** Recipients of each instance. */
  reachable: 8,
  hanging: 2,
  /** The flow: one message to each reachable recipient, again and again. */
  flowEveryMs: 2000,
  flowForMs: 20_000,
  /** The campaign: so many to each reachable recipient at once, and one to each of the others. */
  campaignAtMs: 6000,
  campaignEach: 5,
  killAtMs: 12_000,
  /** Share of calls that Evolution answers with 500. */
  failRate: 0.3,
  latencyMs: 20,
  /** Our pace; the older way had none. */
  pacePerMinute: 300,
  paceBurst: 5,
  partitions: 6,
} as const

/** A message of the programme, in the order in which its lane asks for it. */
export type Asked = Readonly<{
  atMs: number
  instance: string
  to: string
  /** Unique. */
  text: string
  /** False: WhatsApp never answers for this number, so no way of sending can succeed. */
  isReachable: boolean
}>

export function messagesOf(instances: readonly string[], name: string): readonly Asked[] {
  return instances.flatMap((instance, place) => [
    ...times(PROGRAMME.reachable).flatMap((n) => {
      const to = recipientAt(place * PROGRAMME.reachable + n)
      const asked = (atMs: number, what: string): Asked => ({
        ...{ atMs, instance, to, isReachable: true },
        text: `Olá! Seu pedido saiu para entrega. [${name} ${instance} ${n} ${what}]`,
      })
      // Recipients do not all come in the same millisecond.
      const offsetMs = (n * PROGRAMME.flowEveryMs) / PROGRAMME.reachable
      return [
        ...times(PROGRAMME.flowForMs / PROGRAMME.flowEveryMs).map((turn) =>
          asked(offsetMs + turn * PROGRAMME.flowEveryMs, `flow ${turn}`),
        ),
        ...times(PROGRAMME.campaignEach).map((turn) => asked(PROGRAMME.campaignAtMs, `campaign ${turn}`)),
      ].sort((a, b) => a.atMs - b.atMs)
    }),
    ...times(PROGRAMME.hanging).map((n) => ({
      ...{ atMs: PROGRAMME.campaignAtMs, instance, isReachable: false },
      to: `+55119${70 + place}${10 + n}0408`,
      text: `Olá! Seu pedido saiu para entrega. [${name} ${instance} hanging ${n}]`,
    })),
  ])
}

function times(count: number): readonly number[] {
  return Array.from({ length: count }, (_, n) => n)
}
