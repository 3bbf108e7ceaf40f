import type { Content, ContentOf, Message, MessageType, SendResult } from '@whatsapp-sender/contract'
import { call } from '../call.ts'
import type { ObservedState } from '../classification.ts'
import { connectionState } from '../connection-state.ts'
import type { HttpExchange, HttpRequest } from '../http-exchange.ts'
import { instancePath } from '../instance-path.ts'
import { textAt } from '../json.ts'
import { sendButtons } from './send-buttons.ts'
import { sendContact } from './send-contact.ts'
import { sendList } from './send-list.ts'
import { sendLocation } from './send-location.ts'
import { sendAudio, sendDocument, sendImage, sendVideo } from './send-media.ts'
import { sendPoll } from './send-poll.ts'
import { sendPtv } from './send-ptv.ts'
import { sendReaction } from './send-reaction.ts'
import type { Body, FileToSend, KnownMessage, SendRoute, Target } from './send-route.ts'
import { sendSticker } from './send-sticker.ts'
import { sendTemplate } from './send-template.ts'
import { sendText } from './send-text.ts'
import { sendWhatsAppAudio } from './send-whatsapp-audio.ts'

export type MessageToSend = Readonly<{
  instance: string
  apiKey: string
  /** Digits, or a JID as it is. */
  number: string
  message: Message
  /** What the content answers or reacts to; a reaction has to have it. */
  reference?: KnownMessage | undefined
  /** What the content names by an id; such a one has to have it. */
  file?: FileToSend | undefined
  /** Evolution shows "composing" that long, inside the request. */
  delayMs?: number | undefined
  /**
   * Asked on a live connection right before the request is written: making one may have taken long, also because this
   * process stood still. False: the message does not leave, `started-too-late`.
   */
  mayStart?: (() => boolean) | undefined
}>

const ROUTES: { readonly [T in MessageType]: SendRoute<T> } = {
  text: sendText,
  image: sendImage,
  video: sendVideo,
  document: sendDocument,
  audio: sendAudio,
  voice: sendWhatsAppAudio,
  sticker: sendSticker,
  roundVideo: sendPtv,
  location: sendLocation,
  contacts: sendContact,
  reaction: sendReaction,
  poll: sendPoll,
  list: sendList,
  buttons: sendButtons,
  template: sendTemplate,
}

/** @param timeoutMs without the message's own delay */
export async function sendMessage(http: HttpExchange, o: MessageToSend, timeoutMs: number): Promise<SendResult> {
  const { instance, apiKey, number, message, reference, file, delayMs = 0, mayStart } = o
  const { name, answers, fileField, body } = requestOf(message, { number, reference, file })
  const content = withFile(body, { content: message.content, fileField, file })
  const sent = await call(http, {
    route: answers,
    method: 'post',
    path: instancePath(`/message/${name}`, instance),
    apiKey,
    ...content,
    body: delayMs > 0 ? { ...content.body, delay: Math.ceil(delayMs) } : content.body,
    timeoutMs: timeoutMs + delayMs,
    mayStart,
    withheld: () => [...textsIn(message.content), reference?.text ?? ''],
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

/** Generic, so that a kind and its content stay together. */
function requestOf<T extends MessageType>({ type, content }: { type: T; content: ContentOf<T> }, target: Target) {
  const { name, answers, fileField, bodyOf }: SendRoute<T> = ROUTES[type]
  return { name, answers, fileField, body: bodyOf(content, target) }
}

/** An address stands in the body itself; bytes come while it is written. */
function withFile(
  body: Body,
  { content, fileField: name, file }: { content: Content; fileField: string | undefined; file: FileToSend | undefined },
): Pick<HttpRequest, 'file'> & { body: Body } {
  if (name === undefined || !('media' in content)) return { body }
  if ('url' in content.media) return { body: { ...body, [name]: content.media.url } }
  if (file === undefined) throw new Error('a file that is named by its id was not handed in')
  return { body, file: { name, size: file.size, open: file.open } }
}

/** Every text in a content, as it is sent: none may be repeated. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value.replaceAll('\u0000', '')]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : []
}

async function observedState(http: HttpExchange, instance: string, apiKey: string): Promise<ObservedState> {
  const found = await connectionState(http, { instance, apiKey })
  return 'failure' in found ? 'unknown' : found.state
}
