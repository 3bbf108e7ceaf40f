import type { Connections } from '../connections.ts'
import { errorAnswer, unauthorized } from '../error-bodies.ts'
import type { Answer } from '../http/answer.ts'
import type { Call } from '../http/router.ts'
import type { EvolutionInstance, InstanceRegistry, Integration } from '../instances.ts'
import { isJsonObject, type JsonObject, stringOf } from '../json.ts'
import { wait } from '../wait.ts'
import type { Webhooks } from '../webhooks.ts'
import { newWebhook } from './webhook-routes.ts'

export type CreateInstanceParts = Readonly<{
  instances: InstanceRegistry
  connections: Connections
  webhooks: Webhooks
  globalKey: string
  autoOpen: boolean
  timeScale: number
}>

const QR_WAIT_MS = 5_000

/** `POST /instance/create`. A taken name is told even to callers without a key, as in the real server. */
export async function createInstance(parts: CreateInstanceParts, call: Call): Promise<Answer> {
  const body = isJsonObject(call.body) ? call.body : {}
  const name = body['instanceName']
  if (typeof name === 'string' && parts.instances.get(name) !== undefined) {
    return errorAnswer(403, [`This name "${name}" is already in use.`])
  }
  if (call.apiKey !== parts.globalKey) return unauthorized
  const fault = bodyFault(body)
  if (fault !== undefined) return fault
  const instance = parts.instances.create({
    name: String(name),
    integration: integrationOf(body) ?? 'WHATSAPP-BAILEYS',
    token: stringOf(body['token']),
    number: stringOf(body['number']) ?? null,
    settings: settingsOf(body),
  })
  if (isJsonObject(body['webhook'])) instance.webhook = newWebhook(instance, body['webhook'])
  parts.webhooks.emit(instance, 'instance.create', { instanceName: instance.name, instanceId: instance.id })
  return { status: 201, body: { ...created(instance), ...(await firstConnect(parts, instance, body)) } }
}

function bodyFault(body: JsonObject): Answer | undefined {
  const name = body['instanceName']
  if (integrationOf(body) === undefined) return errorAnswer(400, ['Invalid integration'])
  if (name !== undefined && typeof name !== 'string') {
    return errorAnswer(500, ['PrismaClientValidationError: Argument `name`: Invalid value provided. Expected String.'])
  }
  if (name === undefined || name === '') return errorAnswer(400, [['instance requires property "instanceName"']])
  const number = body['number']
  if (number !== undefined && number !== null && !(typeof number === 'string' && /^\d+/.test(number))) {
    return errorAnswer(400, [['Invalid format']])
  }
  // The real server trips over the missing list, and takes the new instance back.
  if (isJsonObject(body['webhook']) && !Array.isArray(body['webhook']['events'])) {
    return errorAnswer(400, ["Cannot read properties of undefined (reading 'length')"])
  }
  return undefined
}

function integrationOf(body: JsonObject): Integration | undefined {
  const integration = body['integration']
  return integration === 'WHATSAPP-BAILEYS' || integration === 'EVOLUTION' ? integration : undefined
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

function created(instance: EvolutionInstance) {
  const { webhook } = instance
  return {
    instance: {
      instanceName: instance.name,
      instanceId: instance.id,
      integration: instance.integration,
      webhookWaBusiness: null,
      accessTokenWaBusiness: '',
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

/** What the answer adds, or says anew, once the instance began to connect. */
async function firstConnect(parts: CreateInstanceParts, instance: EvolutionInstance, body: JsonObject) {
  if (instance.integration === 'EVOLUTION') return {}
  if (parts.autoOpen) {
    parts.connections.open(instance)
    return { instance: created(instance).instance }
  }
  if (body['qrcode'] !== true) return {}
  const [qrcode] = await Promise.all([
    parts.connections.startPairing(instance, instance.number !== null),
    wait(QR_WAIT_MS * parts.timeScale),
  ])
  return { instance: created(instance).instance, qrcode }
}
