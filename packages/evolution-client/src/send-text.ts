import type { SendResult } from '@whatsapp-sender/contract'
import { call } from './call.ts'
import type { ObservedState } from './classification.ts'
import { connectionState } from './connection-state.ts'
import type { HttpExchange } from './http-exchange.ts'
import { instancePath } from './instance-path.ts'
import { textAt } from './json.ts'

export type TextToSend = Readonly<{
  instance: string
  apiKey: string
  /** Digits only. */
  number: string
  text: string
  /** Evolution shows "composing" that long, inside the request. */
  delayMs?: number | undefined
  /**
   * Asked on a live connection right before the request is written: making one may have taken long, also because this
   * process stood still. False: the message does not leave, `started-too-late`.
   */
  mayStart?: (() => boolean) | undefined
}>

/** @param timeoutMs without the message's own delay */
export async function sendText(http: HttpExchange, message: TextToSend, timeoutMs: number): Promise<SendResult> {
  const { instance, apiKey, number, delayMs = 0, mayStart } = message
  // Evolution sends such a text and fails afterwards, on its database.
  const text = message.text.replaceAll('\u0000', '')
  const sent = await call(http, {
    route: 'send',
    method: 'post',
    path: instancePath('/message/sendText', instance),
    apiKey,
    body: delayMs > 0 ? { number, text, delay: Math.ceil(delayMs) } : { number, text },
    timeoutMs: timeoutMs + delayMs,
    mayStart,
    withheld: [text],
    lookUpState: () => observedState(http, instance, apiKey),
    read: ({ json }) => {
      const providerMessageId = textAt(json, 'key', 'id')
      return providerMessageId === undefined
        ? undefined
        : { providerMessageId, remoteJid: textAt(json, 'key', 'remoteJid') }
    },
  })
  return 'failure' in sent ? { kind: 'failed', failure: sent.failure } : { kind: 'sent', ...sent }
}

async function observedState(http: HttpExchange, instance: string, apiKey: string): Promise<ObservedState> {
  const found = await connectionState(http, { instance, apiKey })
  return 'failure' in found ? 'unknown' : found.state
}
