import type { EvolutionInstance } from './instances.ts'

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
export function destinationOf(instance: EvolutionInstance, event: EventName): string | undefined {
  const { webhook } = instance
  if (webhook === undefined || !webhook.enabled || webhook.url === '') return undefined
  const wanted = webhook.events.length === 0 || webhook.events.includes(event.toUpperCase().replace('.', '_'))
  if (!wanted) return undefined
  return webhook.webhookByEvents ? `${webhook.url}/${event.replace('.', '-')}` : webhook.url
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
