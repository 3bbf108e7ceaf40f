import type { ConsumerConfig } from 'kafkajs'

/**
 * How this process reads topics. A member that stops says so within a heartbeat, one that dies is replaced after
 * `sessionTimeoutMs`; batches stay small enough that their rows are written in one go.
 */
export function consumerSettings(groupId: string, sessionTimeoutMs: number): ConsumerConfig {
  return {
    groupId,
    sessionTimeout: sessionTimeoutMs,
    heartbeatInterval: 1000,
    rebalanceTimeout: 30_000,
    maxWaitTimeInMs: 150,
    minBytes: 1,
    metadataMaxAge: 60_000,
    maxBytesPerPartition: 524_288,
    maxBytes: 4_194_304,
    allowAutoTopicCreation: false,
    retry: { retries: 10, restartOnFailure: async () => true },
  }
}
