import type { Connections } from '../connections.ts'
import { errorAnswer, unauthorized } from '../error-bodies.ts'
import type { Answer } from '../http/answer.ts'
import type { Call } from '../http/router.ts'
import { type EvolutionInstance, type InstanceRegistry, type Integration, integrations } from '../instances.ts'
import { isJsonObject, type JsonObject, stringOf } from '../json.ts'
import { databaseDownAtGuard, nameNotText } from '../prisma-error.ts'
import type { Surroundings } from '../surroundings.ts'
import { silence, wait } from '../wait.ts'
import type { Webhooks } from '../webhooks.ts'
import { newWebhook } from './webhook-routes.ts'

export type CreateInstanceParts = Readonly<{
  instances: InstanceRegistry
  connections: Connections
  webhooks: Webhooks
  surroundings: Surroundings
  serverUrl(): string
  autoOpen: boolean
  timeScale: number
}>

const QR_WAIT_MS = 5_000

/** The real server's word for its own webhook's visitors, unless it is told another. */
const META_TOKEN = 'evolution'

/** `POST /instance/create`. A taken name is told even to callers without a key, as in the real server. */
export async function createInstance(parts: CreateInstanceParts, call: Call): Promise<Answer> {
  const body = bodyOf(call)
  const refusal =
    nameFault(parts, body) ?? (call.apiKey === parts.surroundings.globalKey ? bodyFault(body) : unauthorized)
  if (refusal !== undefined) return refusal
  const instance = parts.instances.create({
    name: String(body['instanceName']),
    integration: integrationOf(body) ?? 'WHATSAPP-BAILEYS',
    token: tokenOf(body),
    number: stringOf(body['number']) ?? null,
    businessId: stringOf(body['businessId']) ?? null,
    settings: settingsOf(body),
  })
  if (isJsonObject(body['webhook'])) instance.webhook = newWebhook(instance, body['webhook'])
  parts.webhooks.emit(instance, 'instance.create', { instanceName: instance.name, instanceId: instance.id })
  const pairing = await firstConnect(parts, instance, body)
  return { status: 201, body: { ...created(instance, parts.serverUrl()), ...pairing } }
}

/** Half a character is no part of a name: the database would keep the mark for it instead. */
function bodyOf({ body }: Call): JsonObject {
  if (!isJsonObject(body)) return {}
  const name = stringOf(body['instanceName'])
  return name === undefined ? body : { ...body, instanceName: name.toWellFormed() }
}

/** The guard before the key: it asks the database for the name, whatever the name is. */
function nameFault({ instances, surroundings }: CreateInstanceParts, body: JsonObject): Answer | undefined {
  const name = body['instanceName']
  if (typeof name === 'string' && instances.get(name) !== undefined) {
    return errorAnswer(403, [`This name "${name}" is already in use.`])
  }
  if (surroundings.databaseIsDown) return databaseDownAtGuard
  return name === undefined || typeof name === 'string' ? undefined : nameNotText
}

function bodyFault(body: JsonObject): Answer | undefined {
  const integration = integrationOf(body)
  const { instanceName: name, number } = body
  if (integration === undefined) return errorAnswer(400, ['Invalid integration'])
  if (name === undefined || name === '') return errorAnswer(400, [['instance requires property "instanceName"']])
  if (number !== undefined && number !== null && !(typeof number === 'string' && /^\d+/.test(number))) {
    return errorAnswer(400, [['Invalid format']])
  }
  return lateFault(body, integration)
}

/** What is found out half-way through: the real server then takes the new instance back. */
function lateFault(body: JsonObject, integration: Integration): Answer | undefined {
  const isBusiness = integration === 'WHATSAPP-BUSINESS'
  if (isBusiness && tokenOf(body) === undefined) return errorAnswer(400, ['token is required'])
  if (isJsonObject(body['webhook']) && !Array.isArray(body['webhook']['events'])) {
    return errorAnswer(400, ["Cannot read properties of undefined (reading 'length')"])
  }
  return isBusiness && !body['number'] ? errorAnswer(400, ['number is required']) : undefined
}

function integrationOf(body: JsonObject): Integration | undefined {
  return integrations.find((integration) => integration === body['integration'])
}

function tokenOf(body: JsonObject): string | undefined {
  return stringOf(body['token']) || undefined
}

function settingsOf(body: JsonObject) {
  return {
    rejectCall: body['rejectCall'] === true,
    msgCall: stringOf(body['msgCall']) ?? '',
    groupsIgnore: body['groupsIgnore'] === true,
    alwaysOnline: body['alwaysOnline'] === true,
    readMessages: body['readMessages'] === true,
    readStatus: body['readStatus'] === true,
    syncFullHistory: body['syncFullHistory'] === true,
    wavoipToken: stringOf(body['wavoipToken']) ?? '',
  }
}

function created(instance: EvolutionInstance, serverUrl: string) {
  const { webhook } = instance
  const isBusiness = instance.integration === 'WHATSAPP-BUSINESS'
  return {
    instance: {
      instanceName: instance.name,
      instanceId: instance.id,
      integration: instance.integration,
      webhookWaBusiness: isBusiness ? `${serverUrl}/webhook/meta` : null,
      accessTokenWaBusiness: isBusiness ? META_TOKEN : '',
      status: instance.connection,
    },
    hash: instance.token,
    webhook: webhook
      ? {
          webhookUrl: webhook.url,
          webhookHeaders: webhook.headers,
          webhookByEvents: webhook.webhookByEvents,
          webhookBase64: webhook.webhookBase64,
        }
      : {},
    websocket: {},
    rabbitmq: {},
    nats: {},
    sqs: {},
    settings: instance.settings,
  }
}

/** What the answer adds once the instance began to connect. */
async function firstConnect(parts: CreateInstanceParts, instance: EvolutionInstance, body: JsonObject) {
  if (instance.integration !== 'WHATSAPP-BAILEYS') return {}
  const { connections, surroundings, timeScale } = parts
  if (parts.autoOpen && surroundings.whatsApp === 'answers') connections.open(instance)
  else if (body['qrcode'] === true) {
    if (surroundings.whatsApp === 'black-hole') return silence()
    const [qrcode] = await Promise.all([
      connections.startPairing(instance, instance.number !== null),
      wait(QR_WAIT_MS * timeScale),
    ])
    return { qrcode }
  }
  return {}
}
