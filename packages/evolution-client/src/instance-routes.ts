import type { Channel } from '@whatsapp-sender/contract'
import { call, type Failed } from './call.ts'
import { type ConnectionState, stateOf } from './connection-state.ts'
import type { HttpExchange } from './http-exchange.ts'
import { instancePath } from './instance-path.ts'
import { isRecord, textAt, valueAt } from './json.ts'
import { type WebhookTarget, webhookSettings } from './webhook-routes.ts'

type OfInstance = Readonly<{ instance: string; apiKey: string }>

export type CreatedInstance = Readonly<{ token: string; evolutionId: string | undefined; state: ConnectionState }>

export type Connection =
  | Readonly<{ state: 'open' }>
  /** `png` is a data URL. Both are missing while WhatsApp has not given a code yet. */
  | Readonly<{ state: 'connecting'; qr?: Readonly<{ code: string; png: string }>; pairingCode?: string }>

export type Done = Readonly<{ done: true }>

/** Nothing but Evolution's own database's word, which lags behind `connectionState`. */
export type RegisteredInstance = Readonly<{
  name: string
  evolutionId: string | undefined
  token: string | undefined
  /** Of the phone that was connected last. Set in the same write as `connectionStatus`. */
  ownerJid: string | undefined
  connectionStatus: string | undefined
  integration: string | undefined
}>

/** Evolution's own word for a channel; one that is not known here is taken for the usual one. */
export function channelOf(integration: string | undefined): Channel {
  return CHANNELS.get(integration ?? '') ?? 'baileys'
}

const CHANNELS: ReadonlyMap<string, Channel> = new Map([
  ['WHATSAPP-BAILEYS', 'baileys'],
  ['WHATSAPP-BUSINESS', 'business'],
  ['EVOLUTION', 'evolution'],
])

/** `connect` waits two seconds itself, more when WhatsApp cannot be reached. */
const TIMEOUT_MS = 30_000

export function createInstance(
  http: HttpExchange,
  globalKey: string,
  o: Readonly<{ name: string; token: string; number?: string | undefined; webhook?: WebhookTarget | undefined }>,
): Promise<CreatedInstance | Failed> {
  const body = {
    instanceName: o.name,
    integration: 'WHATSAPP-BAILEYS',
    qrcode: false,
    token: o.token,
    ...(o.number === undefined ? {} : { number: o.number }),
    ...(o.webhook === undefined ? {} : { webhook: webhookSettings(o.webhook) }),
  }
  return call(http, {
    ...instanceCall(globalKey),
    method: 'post',
    path: instancePath('', o.name) === undefined ? undefined : '/instance/create',
    body,
    withheld: () => [o.token],
    read: ({ json }) => {
      if (!isRecord(valueAt(json, 'instance'))) return undefined
      return {
        token: textAt(json, 'hash') ?? o.token,
        evolutionId: textAt(json, 'instance', 'instanceId'),
        state: stateOf(textAt(json, 'instance', 'status')),
      }
    },
  })
}

/** Starts the login. `number` (digits) asks for a pairing code as well. */
export function connect(
  http: HttpExchange,
  o: OfInstance & Readonly<{ number?: string | undefined }>,
): Promise<Connection | Failed> {
  const path = instancePath('/instance/connect', o.instance)
  const query = o.number === undefined ? '' : `?number=${encodeURIComponent(o.number)}`
  return call(http, {
    ...instanceCall(o.apiKey),
    method: 'get',
    path: path === undefined ? undefined : path + query,
    read: ({ json }) => connectionOf(json),
  })
}

function connectionOf(json: unknown): Connection | undefined {
  if (!isRecord(json) || json['error'] === true) return undefined
  if (textAt(json, 'instance', 'state') === 'open') return { state: 'open' }
  const code = textAt(json, 'code')
  const png = textAt(json, 'base64')
  const pairingCode = textAt(json, 'pairingCode')
  return {
    state: 'connecting',
    ...(code === undefined || png === undefined ? {} : { qr: { code, png } }),
    ...(pairingCode === undefined ? {} : { pairingCode }),
  }
}

/** Of an instance that is not connected, or still loads, it is refused. */
export function restart(http: HttpExchange, o: OfInstance): Promise<Connection | Failed> {
  return call(http, {
    ...instanceCall(o.apiKey),
    method: 'post',
    path: instancePath('/instance/restart', o.instance),
    read: ({ json }) => connectionOf(json),
  })
}

export function logout(http: HttpExchange, o: OfInstance): Promise<Done | Failed> {
  return remove(http, '/instance/logout', o)
}

/** Evolution removes it in the background: its name stays taken for about a second. */
export function deleteInstance(http: HttpExchange, o: OfInstance): Promise<Done | Failed> {
  return remove(http, '/instance/delete', o)
}

function remove(http: HttpExchange, route: string, o: OfInstance): Promise<Done | Failed> {
  return call(http, {
    ...instanceCall(o.apiKey),
    method: 'delete',
    path: instancePath(route, o.instance),
    read: ({ json }) => (isRecord(json) && json['error'] !== true ? { done: true } : undefined),
  })
}

/** `instance` is undefined when Evolution has none of that name. */
export async function fetchInstance(
  http: HttpExchange,
  globalKey: string,
  name: string,
): Promise<Readonly<{ instance: RegisteredInstance | undefined }> | Failed> {
  const encoded = instancePath('', name)?.slice(1)
  const found = await call(http, {
    ...instanceCall(globalKey),
    method: 'get',
    path: encoded === undefined ? undefined : `/instance/fetchInstances?instanceName=${encoded}`,
    read: ({ json }) => (Array.isArray(json) ? { instance: registeredOf(json, name) } : undefined),
  })
  return 'failure' in found && found.failure.code === 'instance-missing' ? { instance: undefined } : found
}

function registeredOf(list: readonly unknown[], name: string): RegisteredInstance | undefined {
  const entry = list.find((candidate) => textAt(candidate, 'name') === name)
  if (entry === undefined) return undefined
  return {
    name,
    evolutionId: textAt(entry, 'id'),
    token: textAt(entry, 'token'),
    ownerJid: textAt(entry, 'ownerJid'),
    connectionStatus: textAt(entry, 'connectionStatus'),
    integration: textAt(entry, 'integration'),
  }
}

function instanceCall(apiKey: string): { route: 'instance'; apiKey: string; timeoutMs: number } {
  return { route: 'instance', apiKey, timeoutMs: TIMEOUT_MS }
}
