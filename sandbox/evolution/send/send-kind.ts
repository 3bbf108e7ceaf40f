import type { Answer } from '../http/answer.ts'
import type { EvolutionInstance, Integration } from '../instances.ts'
import type { JsonObject } from '../json.ts'
import type { Quoted } from '../messages.ts'
import type { MessageContent } from './message-content.ts'
import type { BodySchema } from './schema.ts'
import type { UploadedFile } from './uploaded-file.ts'

/** One send route: how its body is checked and what message it makes. */
export type SendKind = Readonly<{
  /** The route's name, as in `POST /message/sendText/{instance}`. */
  route: string
  /** The server's own name for it, which it blurts out while an instance is not in memory. */
  method: string
  schema: BodySchema
  /** True when it also comes as a form with a `file`. */
  takesFile?: true
  /** True when the schema can be skipped: it takes longer than all the rest of a plain text. */
  isPlain?(fields: JsonObject): boolean
  /** What is checked before the instance is looked at. */
  check?(fields: JsonObject, file: UploadedFile | undefined): Answer | undefined
  /** Channels that do not have it, with their answer. */
  missingOn?: Readonly<Partial<Record<Integration, Answer>>>
  draft(source: DraftSource): Draft | Answer | Promise<Draft | Answer>
}>

export type DraftSource = Readonly<{
  fields: JsonObject
  file: UploadedFile | undefined
  instance: EvolutionInstance
}>

/** A message as the caller wants it, before its recipient was looked up. */
export type Draft = Readonly<{
  kind: 'draft'
  /** As the caller wrote it; of a reaction, the address of the message it is for. */
  number: string
  delayMs: number
  presence: 'composing' | 'recording'
  said: MessageContent
  quoted?: Quoted | undefined
  mentioned: readonly string[]
  /** The part of the answer that tells the kinds apart, as the channel words it. */
  messageType: string
  message: JsonObject
  /** How long the server is busy before the message leaves, over and above the delay. */
  busyMs?: number
}>
