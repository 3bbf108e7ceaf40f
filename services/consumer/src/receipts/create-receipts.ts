import type { KafkaNames } from '@whatsapp-sender/contract'
import type { EvolutionServers, SandboxReceipt } from '@whatsapp-sender/evolution-client'
import type { InstanceDirectory, Store } from '@whatsapp-sender/store'
import type { Kafka } from 'kafkajs'
import type { ConsumerConfig } from '../config.ts'
import { learnedJids } from '../delivery/find-evidence.ts'
import type { Clock } from '../dispatch/clock.ts'
import type { MessageTraces } from '../message-traces.ts'
import { joinEvents } from './join-events.ts'
import { proveLate } from './late-evidence.ts'
import { notingRefusals } from './note-refusals.ts'
import type { ReceiptEvents } from './receipt-events.ts'
import { createReceiptsConsumer } from './receipts-consumer.ts'
import { createReceiptsProgress } from './receipts-progress.ts'
import { createStuckSweep } from './stuck-sweep.ts'

/** Everything about what WhatsApp tells of messages that were sent. */
export function createReceipts({
  config,
  kafka,
  names,
  store,
  evolution,
  directory,
  clock,
  owns,
  isServerDown,
  traces,
  events,
}: Readonly<{
  config: ConsumerConfig
  kafka: Kafka
  names: KafkaNames
  store: Store
  evolution: Pick<EvolutionServers, 'findStatus'>
  directory: InstanceDirectory
  clock: Clock
  owns(instance: string): boolean
  isServerDown(instance: string): boolean
  traces: MessageTraces | undefined
  events: ReceiptEvents
}>) {
  const ledger = {
    ...store.ledger,
    applyReceipts: notingRefusals({
      applyReceipts: traces?.receiving(store.ledger.applyReceipts) ?? store.ledger.applyReceipts,
      contacts: store.contacts,
      paceAccounts: store.paceAccounts,
      paceOf: (instanceId) => directory.byId(instanceId)?.pace ?? {},
      requestCheck: store.instances.requestCheck,
      storeNow: clock.storeNow,
      onPaused: events.newRecipientsPaused,
    }),
  }
  /** As if they had come through the topic. They can be asked for again, so they need no place there. */
  const takeSandboxReceipts = async (told: readonly SandboxReceipt[]): Promise<void> => {
    const found = told.flatMap(({ instance, ...receipt }) => {
      const instanceId = directory.get(instance)?.id
      return instanceId === undefined ? [] : [{ ...receipt, instanceId }]
    })
    const { joined } = await joinEvents(
      { receipts: found, sent: [], optOuts: [], checks: [], qrNeeded: [] },
      { ledger, pendingReceipts: store.pendingReceipts, instances: store.instances, suppressions: store.suppressions },
    )
    if (joined > 0) events.receiptsJoined(joined)
  }
  return {
    takeSandboxReceipts,
    consumer: createReceiptsConsumer({
      kafka,
      names,
      ledger,
      pendingReceipts: store.pendingReceipts,
      instances: store.instances,
      suppressions: store.suppressions,
      undecodable: store.undecodable,
      events,
      onEvidence: (evidence) =>
        proveLate(
          {
            ledger: store.ledger,
            pendingReceipts: store.pendingReceipts,
            learnedJid: learnedJids(store.contacts),
            onProven: (row) => {
              events.provenLate(row)
              traces?.provenLate(row)
            },
          },
          evidence,
        ),
      sessionTimeoutMs: config.sessionTimeoutMs,
    }),
    progress: createReceiptsProgress({
      kafka,
      topic: names.evolutionEvents,
      group: names.receiptsGroup,
      now: clock.storeNow,
    }),
    stuckSweep: createStuckSweep({
      ledger,
      evolution,
      directory,
      stuckAfterMs: config.stuckAfterMs,
      storeNow: clock.storeNow,
      owns,
      isServerDown,
      events,
    }),
  }
}
