import { z } from 'zod'
import { INSTANCE_EVENT_TYPES, InstanceEvent } from './instance-event.ts'
import { MESSAGE_EVENT_TYPES, MESSAGE_EVENT_VERSION, MessageEvent } from './message-event.ts'
import { type DecodedRecord, decodeVersioned } from './message-record.ts'

/** All that a user with a feed is told. */
export const FEED_EVENT_TYPES = [...MESSAGE_EVENT_TYPES, ...INSTANCE_EVENT_TYPES] as const

export type FeedEvent = MessageEvent | InstanceEvent

const FeedEvent = z.discriminatedUnion('type', [MessageEvent, InstanceEvent])

/** The id of what the event is about, a message or an instance: in its order events are told, and never two at once. */
export function subjectOf(event: FeedEvent): string {
  return 'message' in event ? event.message.id : event.instanceId
}

export function encodeFeedEvent(event: FeedEvent): Buffer {
  return Buffer.from(JSON.stringify(event), 'utf8')
}

/** Never throws. */
export function decodeFeedEvent(value: Buffer | null): DecodedRecord<FeedEvent> {
  return decodeVersioned(value, { [MESSAGE_EVENT_VERSION]: FeedEvent })
}
