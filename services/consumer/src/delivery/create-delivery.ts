import { setTimeout as wait } from 'node:timers/promises'
import { addressOf, isRecipient, messageOf, type SendResult } from '@whatsapp-sender/contract'
import type { EvolutionServers } from '@whatsapp-sender/evolution-client'
import type { InstanceDirectory, LaneRow, Outcome, Store, SuppressionBook } from '@whatsapp-sender/store'
import type { ConsumerConfig } from '../config.ts'
import { admissionOf } from '../dispatch/admission.ts'
import type { Clock } from '../dispatch/clock.ts'
import type { Gates } from '../dispatch/gates.ts'
import type { Paces } from '../dispatch/paces.ts'
import type { ConsumerEvents } from '../events.ts'
import type { Holders } from '../leases/holders.ts'
import type { MessageTraces } from '../message-traces.ts'
import { createCheckRecipient } from './check-recipient.ts'
import { createClaims } from './claims.ts'
import { createDeliverMessage } from './deliver-message.ts'
import { learnedJids } from './find-evidence.ts'
import { createFindReference, type FindReference } from './find-reference.ts'
import { createOutcomeWriter } from './outcome-writer.ts'
import { createSettleAmbiguous } from './settle-ambiguous.ts'
import { createSettleClaimed } from './settle-claimed.ts'
import type { StoreHealth } from './store-health.ts'
import { createWithFile, type WithFile } from './with-file.ts'

export type DeliveryNeeds = Readonly<{
  config: ConsumerConfig
  store: Store
  evolution: Pick<EvolutionServers, 'send' | 'whatsappNumbers'>
  directory: InstanceDirectory
  suppressions: SuppressionBook
  gates: Gates
  paces: Pick<Paces, 'isHeld' | 'began' | 'ended'>
  holders: Holders
  clock: Clock
  health: StoreHealth
  events: ConsumerEvents
  /** Undefined: nothing is traced. */
  traces: Pick<MessageTraces, 'attempted' | 'endedUnsent'> | undefined
  /** Name of this process in claims. */
  by: string
  /** Ends every wait for what became of a message: whoever comes next goes on with it. */
  stopping: AbortSignal
  mayBegin(instance: string): boolean
  owns(instance: string): boolean
  isHeld(messageId: string): boolean
  /** Since when a message that is under way could go, by the store's clock, ms. */
  dueSince(messageId: string): number | undefined
  readPast(instant: Date): Promise<boolean>
  countUsage(row: LaneRow, outcome: Pick<Outcome, 'status'>): void
  /** A request begins. */
  onBegin(): void
}>

/** Everything that happens to a message between its lane and its outcome. */
export function createDelivery(needs: DeliveryNeeds) {
  const { config, store, directory, suppressions, gates, paces, clock, health, events, traces, by, owns } = needs
  const { ledger } = store
  const claims = createClaims({ ledger, clock, by, health, onClaimed: events.claimed })
  const outcomes = createOutcomeWriter({ ledger, health, onLate: events.lateOutcomes })
  const policyOf = ({ instanceId }: LaneRow) => directory.byId(instanceId)?.retry ?? config.retry
  const learnedJid = learnedJids(store.contacts)
  const findReference = createFindReference({ findOwned: ledger.findOwned, learnedJid, insist: health.insist })
  const withFile = createWithFile({ media: store.media, insist: health.insist })
  const settleAmbiguous = createSettleAmbiguous({
    clock,
    policyOf,
    settleMs: config.ambiguousSettleMs,
    pendingReceipts: store.pendingReceipts,
    learnedJid,
    pause: (ms) => wait(ms, undefined, { ref: false, signal: needs.stopping }),
    readPast: needs.readPast,
    onAmbiguous: events.ambiguous,
    onError: events.failed,
  })
  const shared = {
    clock,
    ledger,
    release: claims.release,
    record: outcomes.record,
    settleAmbiguous,
    onOutcome: (row: LaneRow, outcome: Parameters<ConsumerEvents['outcome']>[1]) => {
      const { appendedAt: acceptedAt } = row
      events.outcome(row, outcome, { acceptedAt, dueSince: needs.dueSince(row.id), now: clock.storeNow() })
      traces?.attempted(row, outcome)
      needs.countUsage(row, outcome)
      // Whoever sent it may be gone before it wrote down to whom.
      if (outcome.status === 'sent' && outcome.by === 'evidence') {
        const { providerMessageId } = outcome
        paces.ended(row, { kind: 'sent', providerMessageId, remoteJid: undefined }).catch(events.failed)
      }
    },
  }
  const admitIf = (row: LaneRow, isOpen: boolean) =>
    admissionOf(row, {
      created: directory.byId(row.instanceId),
      isOpen,
      isSuppressed: suppressions.has(row.user, row.to) === true,
    })
  const mayStill = (row: LaneRow): boolean =>
    (row.expiresAt === undefined || row.expiresAt > clock.storeNow()) &&
    admitIf(row, needs.mayBegin(row.instance)).kind === 'go'
  const checkRecipient = createCheckRecipient({
    policyOf: ({ instanceId }) => directory.byId(instanceId)?.checkNumber ?? 'never',
    contacts: store.contacts,
    evolution: needs.evolution,
  })
  const attempt = async (
    row: LaneRow,
    at: Readonly<{ server: string | undefined; apiKey: string }>,
    { isFresh, mayStart }: Readonly<{ isFresh(): boolean; mayStart(): boolean }>,
  ): Promise<SendResult> => {
    const refusal = await checkRecipient(row, { ...at, mayStill: () => isFresh() && mayStill(row) })
    if (refusal !== undefined) return { kind: 'failed', failure: refusal }
    return await send(row, { ...at, mayStart, evolution: needs.evolution, findReference, withFile })
  }
  return {
    deliver: createDeliverMessage({
      ...shared,
      policyOf,
      claim: claims.claim,
      learn: async (row) => {
        if (suppressions.has(row.user, row.to) === undefined) await suppressions.find(row.user, row.to)
        if (directory.byId(row.instanceId) !== undefined) return false
        await directory.refresh()
        return directory.byId(row.instanceId) !== undefined
      },
      admit: (row) =>
        admitIf(row, needs.mayBegin(row.instance) && !paces.isHeld(row.instance) && gates.isOpen(row.instance)),
      send: async (row, apiKey, isFresh) => {
        needs.onBegin()
        let isBegun = false
        const begin = (): void => {
          if (!isBegun) paces.began(row.instance)
          isBegun = true
        }
        const mayStart = (): boolean => {
          const may = isFresh()
          if (may) begin()
          return may
        }
        const at = { server: directory.byId(row.instanceId)?.evolutionServer, apiKey }
        return await attempt(row, at, { isFresh, mayStart }).finally(begin)
      },
      onRequestEnded: (row, result) => paces.ended(row, result),
      onEnded: (row, end) => {
        events.ended(row, end)
        traces?.endedUnsent(row, end)
        if (end.status === 'failed') needs.countUsage(row, { status: end.status })
      },
      begin: (row) => gates.begin(row.instance),
      onResult: (row, result, pass) => gates.onResult(row.instance, result, pass),
    }),
    settle: createSettleClaimed({
      ...shared,
      pause: (ms) => wait(ms, undefined, { ref: false }),
      by,
      owns,
      holders: needs.holders,
      isHeld: needs.isHeld,
      onError: events.failed,
    }),
    outcomesWritten: outcomes.idle,
  }
}

async function send(
  row: LaneRow,
  {
    server,
    apiKey,
    mayStart,
    evolution,
    findReference,
    withFile,
  }: Pick<DeliveryNeeds, 'evolution'> &
    Readonly<{
      server: string | undefined
      apiKey: string
      findReference: FindReference
      withFile: WithFile
      mayStart(): boolean
    }>,
): Promise<SendResult> {
  if (!isRecipient(row.to)) throw new Error('a row holds a recipient that is none')
  const message = messageOf(row)
  const found = await findReference(row, message)
  if ('failure' in found) return { kind: 'failed', failure: found.failure }
  const { reference } = found
  const number = addressOf(row.to)
  const { instance } = row
  return await withFile(row, message, (file) =>
    evolution.send({ server, instance, apiKey, number, message, reference, file, mayStart }),
  )
}
