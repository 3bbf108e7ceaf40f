import { z } from 'zod'

/** A file as the phone refers to it; its bytes are in the media store for as long as there is room. */
export const Media = z.object({
  id: z.string(),
  mimetype: z.string(),
  bytes: z.number(),
  fileName: z.string().optional(),
})
export type Media = z.infer<typeof Media>

const media = Media.nullable()
const picture = z.object({ media, caption: z.string().optional() })
const sound = z.object({ media })

const contact = z.object({
  fullName: z.string(),
  phoneNumber: z.string(),
  organization: z.string().optional(),
  email: z.string().optional(),
  url: z.string().optional(),
})

const row = z.object({ title: z.string(), description: z.string().optional(), rowId: z.string() })

const button = z.object({
  type: z.string(),
  displayText: z.string().optional(),
  id: z.string().optional(),
  url: z.string().optional(),
  copyCode: z.string().optional(),
  phoneNumber: z.string().optional(),
})

/** What a message says, told apart by `kind`. */
export const MessageContent = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('text'),
    content: z.object({
      text: z.string(),
      preview: z.object({ url: z.string() }).optional(),
      mentioned: z.array(z.string()).optional(),
    }),
  }),
  z.object({ kind: z.enum(['image', 'video', 'round-video', 'sticker']), content: picture }),
  z.object({ kind: z.literal('document'), content: picture.extend({ fileName: z.string() }) }),
  z.object({ kind: z.enum(['audio', 'voice']), content: sound }),
  z.object({
    kind: z.literal('location'),
    content: z.object({
      latitude: z.number(),
      longitude: z.number(),
      name: z.string().optional(),
      address: z.string().optional(),
    }),
  }),
  z.object({ kind: z.literal('contacts'), content: z.object({ contacts: z.array(contact) }) }),
  z.object({ kind: z.literal('reaction'), content: z.object({ targetKeyId: z.string(), emoji: z.string() }) }),
  z.object({
    kind: z.literal('poll'),
    content: z.object({ name: z.string(), values: z.array(z.string()), selectableCount: z.number() }),
  }),
  z.object({
    kind: z.literal('list'),
    content: z.object({
      title: z.string(),
      description: z.string().optional(),
      footerText: z.string(),
      buttonText: z.string(),
      sections: z.array(z.object({ title: z.string(), rows: z.array(row) })),
    }),
  }),
  z.object({
    kind: z.literal('buttons'),
    content: z.object({
      title: z.string().optional(),
      description: z.string().optional(),
      footer: z.string().optional(),
      buttons: z.array(button),
    }),
  }),
  z.object({
    kind: z.literal('template'),
    content: z.object({ name: z.string(), language: z.string(), components: z.array(z.unknown()).optional() }),
  }),
])
export type MessageContent = z.infer<typeof MessageContent>

/** The words in it, for journals and quotes: the text or caption, '' where there is none. */
export function textOf(message: MessageContent): string {
  const { content } = message
  if ('text' in content) return content.text
  return 'caption' in content ? (content.caption ?? '') : ''
}

/** The file in it, if its kind carries one. */
export function mediaOf({ content }: MessageContent): Media | null {
  return 'media' in content ? content.media : null
}
