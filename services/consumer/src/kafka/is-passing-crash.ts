/** A broker that went, or has no coordinator for a while: kafkajs gives up on some of these, and they pass. */
const PASSING: ReadonlySet<string> = new Set([
  'KafkaJSGroupCoordinatorNotFound',
  'KafkaJSConnectionError',
  'KafkaJSConnectionClosedError',
  'KafkaJSRequestTimeoutError',
  'KafkaJSBrokerNotFound',
])

/**
 * Whether a consumer that crashed for good may simply be run again. kafkajs does that itself for errors that it calls
 * retriable; not finding the group's coordinator is none of them, though that is what a broker in trouble looks like.
 */
export function isPassingCrash(error: unknown): boolean {
  for (let each = error; each instanceof Error; each = each.cause) if (PASSING.has(each.name)) return true
  return false
}
