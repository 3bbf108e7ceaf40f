import { errorAnswer, schemaError } from '../error-bodies.ts'
import type { Answer } from '../http/answer.ts'
import type { Routes } from '../http/router.ts'
import { type EvolutionInstance, newCuid, type Webhook } from '../instances.ts'
import { isJsonObject, type JsonObject, stringOf } from '../json.ts'
import { EVENT_NAMES } from '../webhook-envelope.ts'

export function webhookRoutes(o: { onChange(): void }): Routes {
  return {
    'POST /webhook/set': {
      kind: 'instance',
      handle: (call, instance) => {
        const answer = setWebhook(instance, isJsonObject(call.body) ? call.body : {})
        o.onChange()
        return answer
      },
    },
    'GET /webhook/find': {
      kind: 'instance',
      handle: (_call, instance) => ({ status: 200, body: instance.webhook ?? null }),
    },
  }
}

function setWebhook(instance: EvolutionInstance, body: JsonObject): Answer {
  const webhook = body['webhook']
  if (!isJsonObject(webhook)) return schemaError(['instance requires property "webhook"'])
  const faults = webhookFaults(webhook)
  if (faults.length > 0) return schemaError(faults)
  if (webhook['enabled'] === true && !Array.isArray(webhook['events'])) {
    return errorAnswer(500, "Cannot read properties of undefined (reading 'length')")
  }
  instance.webhook = newWebhook(instance, webhook)
  return { status: 201, body: instance.webhook }
}

function webhookFaults(webhook: JsonObject): string[] {
  const events: unknown[] = Array.isArray(webhook['events']) ? webhook['events'] : []
  const unknown = events.flatMap((event, index) =>
    EVENT_NAMES.some((name) => name === event)
      ? []
      : [`webhook.events[${index}] is not one of enum values: ${EVENT_NAMES.join(',')}`],
  )
  const missing = ['enabled', 'url'].filter((property) => webhook[property] === undefined)
  return [...unknown, ...missing.map((property) => `webhook requires property "${property}"`)]
}

/** The stored form of a webhook; setting one again keeps its id and first date. */
export function newWebhook(instance: EvolutionInstance, o: JsonObject): Webhook {
  const now = new Date().toISOString()
  const enabled = o['enabled'] !== false
  return {
    id: instance.webhook?.id ?? newCuid(),
    url: stringOf(o['url']) ?? '',
    headers: headersOf(o['headers']),
    enabled,
    events: enabled ? eventsOf(o['events']) : [],
    webhookByEvents: o['byEvents'] === true,
    webhookBase64: o['base64'] === true,
    createdAt: instance.webhook?.createdAt ?? now,
    updatedAt: now,
    instanceId: instance.id,
  }
}

/** An empty list asks for everything. */
function eventsOf(value: unknown): readonly string[] {
  const events = Array.isArray(value) ? value.filter((event) => typeof event === 'string') : []
  return events.length === 0 ? EVENT_NAMES : events
}

function headersOf(value: unknown): Webhook['headers'] {
  if (!isJsonObject(value)) return null
  return Object.fromEntries(Object.entries(value).map(([name, text]) => [name, String(text)]))
}
