import { z } from 'zod'
import { ButtonsContent } from './buttons-content.ts'
import { ContactsContent } from './contacts-content.ts'
import { ListContent } from './list-content.ts'
import { LocationContent } from './location-content.ts'
import {
  AudioContent,
  DocumentContent,
  ImageContent,
  RoundVideoContent,
  StickerContent,
  VideoContent,
  VoiceContent,
} from './media-content.ts'
import { PollContent } from './poll-content.ts'
import { ReactionContent } from './reaction-content.ts'
import { TemplateContent } from './template-content.ts'
import { TextContent } from './text-content.ts'

/** What a message of each kind says. A field that is added to one of them needs a new version of the record. */
export const CONTENTS = {
  text: TextContent,
  image: ImageContent,
  video: VideoContent,
  document: DocumentContent,
  audio: AudioContent,
  voice: VoiceContent,
  sticker: StickerContent,
  roundVideo: RoundVideoContent,
  location: LocationContent,
  contacts: ContactsContent,
  reaction: ReactionContent,
  poll: PollContent,
  list: ListContent,
  buttons: ButtonsContent,
  template: TemplateContent,
} as const

export type MessageType = keyof typeof CONTENTS

export type ContentOf<T extends MessageType> = Readonly<z.infer<(typeof CONTENTS)[T]>>

/** What a message says, of whatever kind. */
export type Content = { [T in MessageType]: ContentOf<T> }[MessageType]

/** A kind with the content that belongs to it. */
export type Message<T extends MessageType = MessageType> = { [K in T]: Readonly<{ type: K; content: ContentOf<K> }> }[T]

export const Message = z.discriminatedUnion(
  'type',
  [
    said('text', TextContent),
    said('image', ImageContent),
    said('video', VideoContent),
    said('document', DocumentContent),
    said('audio', AudioContent),
    said('voice', VoiceContent),
    said('sticker', StickerContent),
    said('roundVideo', RoundVideoContent),
    said('location', LocationContent),
    said('contacts', ContactsContent),
    said('reaction', ReactionContent),
    said('poll', PollContent),
    said('list', ListContent),
    said('buttons', ButtonsContent),
    said('template', TemplateContent),
  ],
  'must be a kind of message',
)

function said<T extends MessageType, C extends z.ZodType>(type: T, content: C) {
  return z.object({ type: z.literal(type), content })
}

/** @throws {z.ZodError} for a kind, or a form of one, that only a newer release knows */
export function messageOf(row: Readonly<{ type: string; content: unknown }>): Message {
  return Message.parse(row)
}

/** The id of the uploaded file that a content carries; undefined: it carries none, or one by its address. */
export function fileIdOf(content: Content): string | undefined {
  return 'media' in content && 'id' in content.media ? content.media.id : undefined
}

/** The text or the caption; '' where there is neither. */
export function textOf({ content }: Readonly<{ content: Content }>): string {
  if ('text' in content) return content.text
  return 'caption' in content ? (content.caption ?? '') : ''
}
