import { type MessageRecord, messageIdFor, newMessageId } from '@whatsapp-sender/contract'
import { inTime } from '../in-time.ts'
import type { FoundInstance, InstanceLookup } from '../instances/instance-lookup.ts'
import type { PublishMessages } from '../kafka/message-publisher.ts'
import { type AskedMessage, judgeMessage } from '../messages/judge-message.ts'
import { createRecentKeys } from '../messages/recent-keys.ts'
import type { RefuseNew } from '../messages/refuse-new.ts'
import {
  mayStand,
  REPLAY_LOOKUP_MS,
  REUSED,
  repeated,
  resultOf,
  type SendMessageResult,
} from '../messages/send-message.ts'
import type { Principal } from '../principal.ts'

/** `row`: its place in the caller's list, from 0; with the batch's idempotency key it makes the id. */
export type BatchMessage = AskedMessage & Readonly<{ row: number }>

export type BatchCommand = Readonly<{
  principal: Principal
  messages: readonly BatchMessage[]
  idempotencyKey: string | undefined
  /** Judge, and queue nothing. */
  validateOnly: boolean
}>

export type RowResult = SendMessageResult | Readonly<{ kind: 'valid' }>

/** `results` in the order of the messages. */
export type SendBatch = (command: BatchCommand) => Promise<Readonly<{ batch: string; results: readonly RowResult[] }>>

type Fit = Readonly<{ at: number; record: MessageRecord; encoded: Buffer }>

export function createSendBatch(o: {
  instances: Pick<InstanceLookup, 'usable'>
  ledger: { bodyHashesOf(user: string, ids: readonly string[]): Promise<ReadonlyMap<string, string>> }
  refuseNew: RefuseNew
  publishAll: PublishMessages
  /** For users of whom it is not said. */
  eventFeedDefault: boolean
}): SendBatch {
  const recentKeys = createRecentKeys()
  return async (command) => {
    const { principal, idempotencyKey, messages } = command
    // No key holds a NUL, so none of a single message makes one of these ids.
    const idOf = (part: string) =>
      idempotencyKey === undefined ? newMessageId() : messageIdFor(principal.id, `${idempotencyKey}\0${part}`)
    const batch = idOf('batch')
    const results: RowResult[] = []
    const fit: Fit[] = []
    const found = await findInstances(command)
    for (const [at, message] of messages.entries()) {
      const instance = found.get(message.instance) ?? 'unknown'
      const how = { id: idOf(String(message.row)), batch, eventFeedDefault: o.eventFeedDefault }
      const judged = judgeMessage(message, instance, how)
      if (judged.kind === 'fit') fit.push({ at, ...judged })
      else results[at] = judged
    }
    const send = idempotencyKey === undefined ? publishNew : sendOnce
    const answers = command.validateOnly ? fit.map(({ record }) => o.refuseNew(record) ?? VALID) : await send(fit)
    for (const [index, { at }] of fit.entries()) results[at] = answers[index] ?? { kind: 'unavailable' }
    return { batch, results }
  }

  async function findInstances({ principal, messages }: BatchCommand): Promise<ReadonlyMap<string, FoundInstance>> {
    const names = [...new Set(messages.map(({ instance }) => instance))]
    return new Map(
      await Promise.all(names.map(async (name) => [name, await o.instances.usable(name, principal, 'send')] as const)),
    )
  }

  async function publishNew(messages: readonly Fit[]): Promise<readonly SendMessageResult[]> {
    const refusals = messages.map(({ record }) => o.refuseNew(record))
    const outcomes = (await o.publishAll(messages.filter((_, index) => refusals[index] === undefined))).values()
    return messages.map(({ record }, index) => {
      return refusals[index] ?? resultOf(outcomes.next().value ?? 'unavailable', record.id)
    })
  }

  /** What the ledger or this process knows under the same ids is answered as it was then, or refused; the rest is sent. */
  async function sendOnce(messages: readonly Fit[]): Promise<readonly SendMessageResult[]> {
    const claims = messages.map(({ record }) => recentKeys.claim(record))
    const known = await hashesInLedger(messages)
    const answered = messages.map(({ record }, index) => {
      const earlierHash = known.get(record.id)
      if (earlierHash !== undefined) return repeated(record, earlierHash)
      return claims[index] === undefined ? REUSED : undefined
    })
    const sent = await publishNew(messages.filter((_, index) => answered[index] === undefined))
    const rest = sent.values()
    const results = answered.map((answer) => answer ?? rest.next().value ?? { kind: 'unavailable' as const })
    for (const [index, result] of results.entries()) claims[index]?.settle(mayStand(result))
    return results
  }

  /** None also while the database is slow or down: the same ids make second copies harmless. */
  async function hashesInLedger(messages: readonly Fit[]): Promise<ReadonlyMap<string, string>> {
    const [first] = messages
    if (first === undefined) return new Map()
    const ids = messages.map(({ record }) => record.id)
    const found = await inTime(o.ledger.bodyHashesOf(first.record.user, ids), REPLAY_LOOKUP_MS)
    return found.kind === 'done' ? found.value : new Map()
  }
}

const VALID = { kind: 'valid' } as const
