import type { SendResult } from '@whatsapp-sender/contract'
import type { Failed } from './call.ts'
import { type ConnectionState, connectionState } from './connection-state.ts'
import { findStatus } from './find-status.ts'
import { createHttpExchange } from './http-exchange.ts'
import * as instances from './instance-routes.ts'
import { type MessageToSend, sendMessage } from './send/send-message.ts'
import type { PoolState } from './undici-adapter.ts'
import { findWebhook, setWebhook, unsetWebhook, type Webhook, type WebhookTarget } from './webhook-routes.ts'
import { welcome } from './welcome.ts'
import { type CheckedNumber, whatsappNumbers } from './whatsapp-numbers.ts'

type OfInstance = Readonly<{ instance: string; apiKey: string }>
type Result<T> = Promise<Readonly<T> | Failed>

/** Every outcome is a value: a success, or `failure`. Nothing throws for what a server or a network does. */
export type EvolutionClient = Readonly<{
  send(message: MessageToSend): Promise<SendResult>
  connectionState(o: OfInstance): Result<{ state: ConnectionState }>
  createInstance(
    o: Readonly<{ name: string; token: string; number?: string | undefined; webhook?: WebhookTarget | undefined }>,
  ): Result<instances.CreatedInstance>
  connect(o: OfInstance & Readonly<{ number?: string | undefined }>): Result<instances.Connection>
  /** Connects to WhatsApp anew with the login there is. */
  restart(o: OfInstance): Result<instances.Connection>
  logout(o: OfInstance): Result<instances.Done>
  deleteInstance(o: OfInstance): Result<instances.Done>
  setWebhook(o: OfInstance & WebhookTarget): Result<instances.Done>
  /** Evolution reports to nobody any more. */
  unsetWebhook(o: OfInstance): Result<instances.Done>
  findWebhook(o: OfInstance): Result<{ webhook: Webhook | undefined }>
  fetchInstance(o: Readonly<{ name: string }>): Result<{ instance: instances.RegisteredInstance | undefined }>
  whatsappNumbers(
    o: OfInstance & Readonly<{ numbers: readonly string[] }>,
  ): Result<{ numbers: readonly CheckedNumber[] }>
  /** WhatsApp's words about one message, as far as Evolution keeps them. */
  findStatus(o: OfInstance & Readonly<{ providerMessageId: string }>): Result<{ statuses: readonly string[] }>
  /** What the server says of itself, whatever key it is asked with. */
  welcome(): Result<{ version: string | undefined }>
  /** Its connections, now. */
  connections(): PoolState
  /** Lets running requests end. */
  close(): Promise<void>
  /** Breaks them off: what became of their messages is not known. */
  abandon(): Promise<void>
}>

/**
 * The client of one Evolution API server.
 * @param o.connections requests in flight at most; the rest waits
 * @param o.timeoutMs default 75 s: Evolution itself gives up on WhatsApp after 60 s, and then tells why
 * @param o.maxResponseBytes default 64 KiB; nothing beyond is read
 */
export function createEvolutionClient(o: {
  baseUrl: string
  globalKey: string
  connections: number
  timeoutMs?: number | undefined
  maxResponseBytes?: number | undefined
}): EvolutionClient {
  const { baseUrl, globalKey, connections, timeoutMs = 75_000, maxResponseBytes = 65_536 } = o
  const http = createHttpExchange({ baseUrl, connections, maxResponseBytes })
  return {
    send: (message) => sendMessage(http, message, timeoutMs),
    connectionState: (of) => connectionState(http, of),
    createInstance: (instance) => instances.createInstance(http, globalKey, instance),
    connect: (of) => instances.connect(http, of),
    restart: (of) => instances.restart(http, of),
    logout: (of) => instances.logout(http, of),
    deleteInstance: (of) => instances.deleteInstance(http, of),
    setWebhook: (of) => setWebhook(http, of),
    unsetWebhook: (of) => unsetWebhook(http, of),
    findWebhook: (of) => findWebhook(http, of),
    fetchInstance: ({ name }) => instances.fetchInstance(http, globalKey, name),
    whatsappNumbers: (of) => whatsappNumbers(http, of),
    findStatus: (of) => findStatus(http, of),
    welcome: () => welcome(http),
    connections: http.connections,
    close: () => http.close(),
    abandon: () => http.abandon(),
  }
}
