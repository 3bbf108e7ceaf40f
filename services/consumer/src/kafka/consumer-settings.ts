import type { ConsumerConfig } from 'kafkajs'

/**
 * A member learns of a rebalance by the answer to a heartbeat only, and until the slowest has learned of it nobody
 * sends. Heartbeats go out between fetches, so one may be later by the time that a fetch waits for records.
 */
const HEARTBEAT_MS = 250

/** A broker that is back is met within this time. kafkajs' own half minute would pass with nothing read. */
const RETRY_MAX_MS = 3000

/**
 * How this process reads topics. A member that stops says so at once, one that dies is replaced after
 * `sessionTimeoutMs`; batches stay small enough that their rows are written in one go.
 */
export function consumerSettings(groupId: string, sessionTimeoutMs: number): ConsumerConfig {
  return {
    groupId,
    sessionTimeout: sessionTimeoutMs,
    heartbeatInterval: HEARTBEAT_MS,
    rebalanceTimeout: 30_000,
    maxWaitTimeInMs: 150,
    minBytes: 1,
    metadataMaxAge: 60_000,
    maxBytesPerPartition: 524_288,
    maxBytes: 4_194_304,
    allowAutoTopicCreation: false,
    retry: { retries: 10, maxRetryTime: RETRY_MAX_MS, restartOnFailure: async () => true },
  }
}
