import { setTimeout as wait } from 'node:timers/promises'
import type { KafkaNames } from '@whatsapp-sender/contract'
import type { InstanceDirectory, Store } from '@whatsapp-sender/store'
import type { Admin, Kafka } from 'kafkajs'
import type { ConsumerConfig } from '../config.ts'
import type { Clock } from '../dispatch/clock.ts'
import type { Dispatcher } from '../dispatch/dispatcher.ts'
import type { ConsumerEvents } from '../events.ts'
import { type Assignment, watchAssignment } from '../kafka/assignment.ts'
import { watchBlocked } from '../kafka/blocked-partitions.ts'
import { consumerSettings } from '../kafka/consumer-settings.ts'
import { isPassingCrash } from '../kafka/is-passing-crash.ts'
import { createJoinAgain } from '../kafka/join-again.ts'
import { watchRebalances } from '../kafka/rebalance-watch.ts'
import { createRenewedAdmin, type RenewedAdmin } from '../kafka/renewed-admin.ts'
import { seldom, unreadOf } from './count-unread.ts'
import { decodeOldRecord } from './decode-old-record.ts'
import { runIngest } from './ingest-consumer.ts'
import type { IngestWriter } from './ingest-writer.ts'
import { createOwnership } from './ownership.ts'
import { positionsOf, watchSkipped } from './skipped-records.ts'

const COUNT_EVERY_MS = 60_000
const TOPIC_RETRY_MS = 1000
const DISCONNECT_MAX_MS = 10_000
const JOIN_AGAIN_MS = 1000

/** The consumer group that ingests messages; being in it is what makes this process the owner of instances. */
export function createIngest({
  config,
  kafka,
  names,
  store,
  directory,
  dispatcher,
  writer,
  clock,
  events,
  onOwnership,
  onFatal,
}: Readonly<{
  config: ConsumerConfig
  kafka: Kafka
  names: KafkaNames
  store: Store
  directory: InstanceDirectory
  dispatcher: Dispatcher
  writer: IngestWriter
  clock: Clock
  events: ConsumerEvents
  /** What this process owns may be other instances than before. */
  onOwnership(): void
  onFatal(reason: string): void
}>) {
  const topic = names.messages
  const admin = createRenewedAdmin(kafka)
  const consumer = kafka.consumer(consumerSettings(names.messagesGroup, config.sessionTimeoutMs))
  const ownership = createOwnership({
    assignment: () => assignment,
    dispatcher: () => dispatcher,
    ledger: store.ledger,
    onError: events.failed,
  })
  const blocked = watchBlocked(consumer, topic)
  const rebalances = watchRebalances({
    monotonic: clock.monotonic,
    isSending: () => dispatcher.inFlight() > 0,
    onPause: events.rebalancePause,
  })
  const skips = watchSkipped({
    readPositions: () => admin.ask((client) => positionsOf(client, { topic, group: names.messagesGroup })),
    onSkipped: (records) => {
      events.recordsSkipped({ topic, ...records })
      onFatal('the topic has dropped records before they were read')
    },
    onMoved: (records) => events.recordsSkipped({ topic, ...records }),
    onError: events.failed,
  })
  let stopped = false
  let timer: NodeJS.Timeout | undefined
  const assignment: Assignment = watchAssignment({
    consumer,
    topic,
    heartbeatAgeMaxMs: config.heartbeatAgeMaxMs,
    clock,
    onAssigned: (kept) => {
      rebalances.joined()
      events.assigned(assignment.partitions(), kept)
      ownership.assigned(kept)
      skips.assigned(assignment.partitions())
      onOwnership()
    },
    onClosing: () => {
      rebalances.closing()
      dispatcher.turnAway()
    },
    onLost: () => {
      ownership.lost()
      onOwnership()
    },
    onResumed: () => dispatcher.look(),
  })
  consumer.on(consumer.events.CRASH, ({ payload: { error, restart } }) => {
    if (restart || stopped) return
    if (isPassingCrash(error)) void joinAgain()
    else onFatal(`the Kafka consumer crashed: ${error.message}`)
  })

  const followPartitionCount = async (): Promise<void> => {
    const count = await admin.ask((client) => partitionCountOf(client, topic)).catch(events.failed)
    if (count !== undefined && assignment.setPartitionCount(count)) {
      ownership.recounted()
      onOwnership()
    }
    if (!stopped) timer = setTimeout(() => void followPartitionCount(), COUNT_EVERY_MS)
  }

  const countUnread = seldom(
    () =>
      events
        .countUnread(() =>
          admin.ask((client) =>
            unreadOf(client, { topic, group: names.messagesGroup, partitions: assignment.partitions() }),
          ),
        )
        .catch(events.failed),
    clock.monotonic,
  )

  let partitionsAtOnce = 1
  const join = async (): Promise<void> => {
    await consumer.connect()
    await runIngest(
      consumer,
      {
        topic,
        writer,
        undecodable: store.undecodable,
        isOwn: assignment.owns,
        keepsTraces: config.tracing !== undefined,
        skips,
        storeNow: clock.storeNow,
        offer: (rows) => dispatcher.offer(rows.filter((row) => assignment.owns(row.instance))),
        reload: dispatcher.reload,
        decodeOld: config.acceptOldRecords
          ? (message, partition) =>
              decodeOldRecord(message, {
                topic,
                partition,
                instanceOf: directory.get,
                defaultCountry: config.defaultCountry,
              })
          : undefined,
        events: {
          ingested: events.ingested,
          unread: events.unread,
          failed: (error) => {
            events.failed(error)
            countUnread()
          },
          newerRecord: (place) => {
            blocked.block(place.partition)
            events.newerRecord(place)
          },
        },
      },
      partitionsAtOnce,
    )
  }
  const joinAgain = createJoinAgain({
    join,
    isStopped: () => stopped,
    onFailed: events.failed,
    waitMs: JOIN_AGAIN_MS,
  })

  return {
    name: 'ingest',
    start: async (): Promise<void> => {
      partitionsAtOnce = await untilTopicExists(admin, topic, events, () => stopped)
      assignment.setPartitionCount(partitionsAtOnce)
      timer = setTimeout(() => void followPartitionCount(), COUNT_EVERY_MS)
      await join()
    },
    /** Nothing new begins; the partitions are handed over at once. */
    stop: async (): Promise<void> => {
      stopped = true
      clearTimeout(timer)
      assignment.stop()
      const deadline = new Promise((resolve) => setTimeout(resolve, DISCONNECT_MAX_MS).unref())
      await Promise.race([Promise.all([consumer.disconnect(), admin.close()]), deadline])
    },
    owns: assignment.owns,
    /** Ascending. */
    partitions: () => assignment.partitions().toSorted((a, b) => a - b),
    partitionOf: assignment.partitionOf,
    mayBegin: assignment.mayBegin,
    isLoaded: (instance: string) => ownership.isLoaded(assignment.partitionOf(instance)),
    /** True in one process of the group at a time, or in none for a while; a process that was cut off may still think so. */
    leads: () => assignment.mayBegin() && assignment.partitions().includes(0),
    /** A request begins. */
    begun: rebalances.begun,
    isReady: () => assignment.mayBegin() && !blocked.isAny(),
    partitionsBlocked: blocked.count,
  }
}

async function untilTopicExists(
  admin: RenewedAdmin,
  topic: string,
  events: Pick<ConsumerEvents, 'failed'>,
  isStopped: () => boolean,
): Promise<number> {
  for (;;) {
    try {
      return await admin.ask((client) => partitionCountOf(client, topic))
    } catch (error) {
      if (isStopped()) throw error
      events.failed(error)
      await wait(TOPIC_RETRY_MS)
    }
  }
}

async function partitionCountOf(admin: Admin, topic: string): Promise<number> {
  const { topics } = await admin.fetchTopicMetadata({ topics: [topic] })
  const count = topics[0]?.partitions.length ?? 0
  if (count === 0) throw new Error(`topic ${topic} has no partitions`)
  return count
}
