import type { ContentOf, Mentions, MessageType } from '@whatsapp-sender/contract'
import type { Route } from '../classification.ts'

/** A message of WhatsApp that is answered or reacted to, found by whoever sends. */
export type KnownMessage = Readonly<{
  id: string
  remoteJid: string
  fromMe: boolean
  /** Its words, where they are known; else Evolution looks for them itself. */
  text?: string | undefined
}>

/** `reference`: the message that the content refers to. */
export type Target = Readonly<{ number: string; reference: KnownMessage | undefined }>

export type Body = Readonly<Record<string, unknown>>

/** How one kind is sent: `POST /message/<name>/{instance}` with the body that its content makes. */
export type SendRoute<T extends MessageType> = Readonly<{
  name: string
  /** By what rules its answers are read. */
  answers: Extract<Route, 'send' | 'media'>
  bodyOf(content: ContentOf<T>, target: Target): Body
}>

export function quotedPart({ reference }: Target): Body {
  if (reference === undefined) return {}
  const { text, ...key } = reference
  return { quoted: { key, ...(text !== undefined && { message: { conversation: text } }) } }
}

/** Evolution's schema knows `everyOne`, its code reads `mentionsEveryOne`. */
export function mentionsPart(mentions: Mentions | undefined): Body {
  if (mentions === undefined) return {}
  return mentions === 'everyone' ? { mentionsEveryOne: true } : { mentioned: mentions.map(digits) }
}

/** Without the `+` of E.164. */
export function digits(number: string): string {
  return number.replace(/^\+/, '')
}
