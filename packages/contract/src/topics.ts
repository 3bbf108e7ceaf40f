/** Kafka names that cross a process boundary. `prefix` keeps several installations apart on one cluster; default none. */
export type KafkaNames = Readonly<{
  /** Accepted messages, key = instance name. */
  messages: string
  /** What Evolution told about instances and messages, key = instance name. */
  evolutionEvents: string
  /** What becomes of messages and instances, key = the id of the one or the other. */
  messageEvents: string
  /** Consumer group that ingests `messages`. */
  messagesGroup: string
  /** Consumer group that reads `evolutionEvents`. */
  receiptsGroup: string
}>

export function kafkaNames(prefix = ''): KafkaNames {
  return {
    messages: `${prefix}messages`,
    evolutionEvents: `${prefix}evolution-events`,
    messageEvents: `${prefix}messages.events`,
    messagesGroup: `${prefix}messages-group1`,
    receiptsGroup: `${prefix}evolution-events-group1`,
  }
}

export type TopicDefinition = Readonly<{
  name: string
  partitions: number
  config: Readonly<Record<string, string>>
}>

/** Largest encoded message record, bytes. Media travel by reference. */
export const RECORD_BYTES_MAX = 65_536

/** How long the topics keep records. A message's row has to outlive them, or reading the topic again would send again. */
export const TOPIC_RETENTION_MS = 7 * 24 * 60 * 60 * 1000

/**
 * The topics as they have to exist. `message.timestamp.type=LogAppendTime` because the order of an instance is the
 * broker's append time, then the offset; 1 MiB because a client writes one record batch per partition and request.
 */
export function topicDefinitions(names: KafkaNames, partitions = 24): readonly TopicDefinition[] {
  const config = {
    'cleanup.policy': 'delete',
    'max.message.bytes': '1048576',
    'message.timestamp.type': 'LogAppendTime',
    'retention.ms': String(TOPIC_RETENTION_MS),
    'unclean.leader.election.enable': 'false',
  }
  return [
    { name: names.messages, partitions, config },
    { name: names.evolutionEvents, partitions, config },
    { name: names.messageEvents, partitions, config },
  ]
}

/**
 * Record headers, for whoever looks into a topic with Kafka's own tools. Few: each costs a producer as much as a tenth of
 * a record, and what a reader needs stands in the value; but a trace is carried as everybody carries it.
 */
export const HEADER = {
  messageId: 'message-id',
  /** Only of a message that is traced: W3C Trace Context, as its recommendation names and writes it. */
  traceparent: 'traceparent',
} as const
