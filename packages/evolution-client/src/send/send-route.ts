import type { ContentOf, Media, Mentions, MessageType } from '@whatsapp-sender/contract'
import type { Route } from '../classification.ts'

/** A message of WhatsApp that is answered or reacted to, found by whoever sends. */
export type KnownMessage = Readonly<{
  id: string
  remoteJid: string
  fromMe: boolean
  /** Its words, where they are known; else Evolution looks for them itself. */
  text?: string | undefined
}>

/** A file that was uploaded, found by whoever sends. */
export type FileToSend = Readonly<{
  /** Bytes. */
  size: number
  type: string
  fileName: string
  /** Its bytes, read while they are sent. */
  open(): AsyncIterable<Buffer>
}>

/** `reference`: the message that the content refers to. `file`: the one that it names by an id. */
export type Target = Readonly<{
  number: string
  reference: KnownMessage | undefined
  file: FileToSend | undefined
}>

export type Body = Readonly<Record<string, unknown>>

/** How one kind is sent: `POST /message/<name>/{instance}` with the body that its content makes. */
export type SendRoute<T extends MessageType> = Readonly<{
  name: string
  /** By what rules its answers are read. */
  answers: Extract<Route, 'send' | 'media'>
  /** Where the file goes, its address or its bytes, which `bodyOf` leaves out. */
  fileField?: string
  bodyOf(content: ContentOf<T>, target: Target): Body
}>

/** What Evolution is told of a file. Of one without an address it has to be told. */
export function namesPart({ mimetype, fileName }: Media, { file }: Target): Body {
  return {
    ...(file && { mimetype: file.type, fileName: file.fileName }),
    ...(mimetype !== undefined && { mimetype }),
    ...(fileName !== undefined && { fileName }),
  }
}

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
