import type { EvolutionInstance } from './instances.ts'

/** As webhooks are asked for them, in the real server's order. */
export const EVENT_NAMES = [
  'APPLICATION_STARTUP',
  'QRCODE_UPDATED',
  'MESSAGES_SET',
  'MESSAGES_UPSERT',
  'MESSAGES_EDITED',
  'MESSAGES_UPDATE',
  'MESSAGES_DELETE',
  'SEND_MESSAGE',
  'SEND_MESSAGE_UPDATE',
  'CONTACTS_SET',
  'CONTACTS_UPSERT',
  'CONTACTS_UPDATE',
  'PRESENCE_UPDATE',
  'CHATS_SET',
  'CHATS_UPSERT',
  'CHATS_UPDATE',
  'CHATS_DELETE',
  'GROUPS_UPSERT',
  'GROUP_UPDATE',
  'GROUP_PARTICIPANTS_UPDATE',
  'CONNECTION_UPDATE',
  'LABELS_EDIT',
  'LABELS_ASSOCIATION',
  'CALL',
  'TYPEBOT_START',
  'TYPEBOT_CHANGE_STATUS',
  'REMOVE_INSTANCE',
  'LOGOUT_INSTANCE',
  'INSTANCE_CREATE',
  'INSTANCE_DELETE',
  'STATUS_INSTANCE',
] as const

export type EventName =
  | 'send.message'
  | 'messages.update'
  | 'messages.upsert'
  | 'connection.update'
  | 'qrcode.updated'
  | 'status.instance'
  | 'logout.instance'
  | 'instance.create'
  | 'instance.delete'

/** Where an event of this instance goes, or undefined when its webhook does not want it. */
export function destinationOf({ webhook }: EvolutionInstance, event: EventName): string | undefined {
  if (webhook === undefined || !webhook.enabled || !/^https?:\/\//.test(webhook.url)) return undefined
  if (!webhook.events.includes(askedAs(event))) return undefined
  return webhook.webhookByEvents ? `${webhook.url}/${event.replace('.', '-')}` : webhook.url
}

/** `messages.update` is asked for as `MESSAGES_UPDATE`. */
export function askedAs(event: EventName): string {
  return event.toUpperCase().replace('.', '_')
}

export function envelopeOf(o: {
  instance: EvolutionInstance
  event: EventName
  data: unknown
  destination: string
  serverUrl: string
}) {
  return {
    event: o.event,
    instance: o.instance.name,
    data: o.data,
    destination: o.destination,
    date_time: localTime(new Date()),
    sender: o.instance.ownerJid ?? undefined,
    server_url: o.serverUrl,
    apikey: o.instance.token,
  }
}

/** The real server writes its local time and calls it UTC; a receiver must not rely on it. */
function localTime(now: Date): string {
  return new Date(now.getTime() - now.getTimezoneOffset() * 60_000).toISOString()
}
