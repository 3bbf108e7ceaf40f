import type { MessageStatus } from '@whatsapp-sender/contract'
import type { Call, RowOfLedger, RunLogs, Send } from './history.ts'

type Message = Readonly<{
  text: string
  user: string
  policy: Call['policy']
  lane: string
  accepted: boolean
  /** Some call of it may have been accepted. */
  possible: boolean
  id: string | undefined
  row: RowOfLedger | undefined
}>

export type Facts = Readonly<{
  logs: RunLogs
  messages: readonly Message[]
  byText: ReadonlyMap<string, Message>
  /** Text → its sends, in order. */
  sends: ReadonlyMap<string, readonly Send[]>
}>

export function factsOf(logs: RunLogs): Facts {
  const rows = new Map(logs.rows.map((row) => [row.id, row]))
  const rowOfText = new Map(logs.rows.map((row) => [row.text, row]))
  const messages = [...Map.groupBy(logs.calls, ({ text }) => text).values()].map((calls) => messageOf(calls))
  const sends = Map.groupBy(logs.sends, ({ text }) => text)
  return { logs, messages, byText: new Map(messages.map((each) => [each.text, each])), sends }

  function messageOf(calls: readonly Call[]): Message {
    const [first] = calls
    if (first === undefined) throw new Error('a message without a call')
    const ok = calls.find(({ result }) => result === 'ok')
    const { text, user, policy, instance, to } = first
    return {
      text,
      user,
      policy,
      lane: `${instance} ${to}`,
      accepted: ok !== undefined,
      possible: calls.some(({ result }) => result !== 'failed'),
      id: ok?.id,
      row: ok?.id === undefined ? rowOfText.get(text) : rows.get(ok.id),
    }
  }
}

/** Statuses of a message that left. */
export const LEFT: readonly MessageStatus[] = ['sent', 'delivered', 'read']
