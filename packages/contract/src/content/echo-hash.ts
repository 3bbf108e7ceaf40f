import { hash } from 'node:crypto'
import { z } from 'zod'
import type { Contact } from './contacts-content.ts'
import { type ContentOf, Message, type MessageType } from './message.ts'
import { isPlainText } from './text-content.ts'

/** SHA-256, hex, of a text: how a message is recognised in Evolution's own events. */
export function textHashOf(text: string): string {
  return hash('sha256', text, 'hex')
}

/**
 * The hash by which a message is recognised in Evolution's own event of it, as `echoedHashOf` makes it of the event.
 * Undefined for what no event can prove: a file (the event tells of its encrypted copy and not of its address), an answer
 * to another message, buttons, templates.
 */
export function echoHashOf(message: Readonly<{ type: string; content: unknown }>): string | undefined {
  const read = Message.safeParse(message)
  return read.success ? hashOfMessage(read.data) : undefined
}

/** Generic, so that a kind and its content stay together. */
function hashOfMessage<T extends MessageType>({ type, content }: { type: T; content: ContentOf<T> }) {
  if ('quoted' in content && content.quoted !== undefined) return undefined
  const hashOf: HashOf<T> | undefined = HASHES[type]
  return hashOf?.(content)
}

type HashOf<T extends MessageType> = (content: ContentOf<T>) => string | undefined

const HASHES: { readonly [T in MessageType]?: HashOf<T> } = {
  text: (content) => {
    // A preview is no part of the text.
    if (!isPlainText({ ...content, linkPreview: undefined })) return undefined
    // The client takes U+0000 out before it sends.
    return textHashOf(content.text.replaceAll('\u0000', ''))
  },
  location: ({ latitude, longitude, name = '', address = '' }) =>
    factsHash('location', [latitude, longitude, name, address]),
  contacts: ({ contacts }) =>
    factsHash(
      'contacts',
      contacts.map((contact) => [contact.name, vcardOf(contact)]),
    ),
  poll: (content) => factsHash('poll', [content.question, selectableCountOf(content), content.options]),
  reaction: ({ target, emoji }) => (typeof target === 'string' ? undefined : factsHash('reaction', [target.id, emoji])),
  list: ({ title, description = '', footer = '', buttonText, sections }) =>
    factsHash('list', [[title, description, footer, buttonText], sections.map(sectionFacts)]),
}

function sectionFacts({ title, rows }: ContentOf<'list'>['sections'][number]): readonly unknown[] {
  return [title, rows.map(({ id, title: row, description = '' }) => [id, row, description])]
}

/** Of a poll: WhatsApp takes no more choices than there are options. */
export function selectableCountOf(poll: Readonly<{ selectableCount: number; options: readonly string[] }>): number {
  return Math.min(poll.selectableCount, poll.options.length)
}

/** The card that Evolution 2.3.6 makes of a contact whose `wuid` it is given. */
function vcardOf({ name, phone, organization, email, url }: Contact): string {
  return [
    'BEGIN:VCARD',
    'VERSION:3.0',
    `N:${name}`,
    `FN:${name}`,
    ...(organization === undefined ? [] : [`ORG:${organization};`]),
    ...(email === undefined ? [] : [`EMAIL:${email}`]),
    ...(url === undefined ? [] : [`URL:${url}`]),
    `item1.TEL;waid=${phone.slice(1)}:${phone}`,
    'item1.X-ABLabel:Celular',
    'END:VCARD',
  ].join('\n')
}

const text = z
  .string()
  .nullish()
  .transform((given) => given ?? '')

const card = z.object({ displayName: text, vcard: text }).transform(({ displayName, vcard }) => [displayName, vcard])

const poll = z
  .object({
    name: text,
    options: z.array(z.object({ optionName: text }).transform(({ optionName }) => optionName)),
    selectableOptionsCount: z.number().nullish(),
  })
  .transform(({ name, options, selectableOptionsCount }) =>
    factsHash('poll', [name, selectableOptionsCount ?? 0, options]),
  )

const row = z
  .object({ rowId: text, title: text, description: text })
  .transform((each) => [each.rowId, each.title, each.description])

const section = z.object({ title: text, rows: z.array(row) }).transform(({ title, rows }) => [title, rows])

/** By the part of WhatsApp's message that holds the content. */
const ECHOES: Readonly<Record<string, z.ZodType<string>>> = {
  conversation: z.string().transform(textHashOf),
  extendedTextMessage: z.object({ text: z.string() }).transform((echo) => textHashOf(echo.text)),
  locationMessage: z
    .object({ degreesLatitude: z.number(), degreesLongitude: z.number(), name: text, address: text })
    .transform((echo) => factsHash('location', [echo.degreesLatitude, echo.degreesLongitude, echo.name, echo.address])),
  contactMessage: card.transform((facts) => factsHash('contacts', [facts])),
  contactsArrayMessage: z
    .object({ contacts: z.array(card) })
    .transform(({ contacts }) => factsHash('contacts', contacts)),
  pollCreationMessage: poll,
  pollCreationMessageV2: poll,
  pollCreationMessageV3: poll,
  reactionMessage: z
    .object({ key: z.object({ id: z.string() }), text })
    .transform((echo) => factsHash('reaction', [echo.key.id, echo.text])),
  listMessage: z
    .object({ title: text, description: text, footerText: text, buttonText: text, sections: z.array(section) })
    .transform(({ title, description, footerText, buttonText, sections }) =>
      factsHash('list', [[title, description, footerText, buttonText], sections]),
    ),
}

const ContextInfo = z.object({ stanzaId: z.string().nullish(), mentionedJid: z.array(z.unknown()).nullish() }).nullish()

const Echo = z.object({ message: z.record(z.string(), z.unknown()).nullish(), contextInfo: ContextInfo })

/**
 * The hash of what an event `send.message` says was sent (its `data`). Undefined for a kind of which the event does not
 * tell enough, and for a message that answers another one or calls somebody by name.
 */
export function echoedHashOf(data: unknown): string | undefined {
  const { message, contextInfo } = Echo.safeParse(data).data ?? {}
  if (!message || contextInfo?.stanzaId || contextInfo?.mentionedJid?.length) return undefined
  for (const [part, echo] of Object.entries(ECHOES)) {
    if (message[part] === undefined || message[part] === null) continue
    return echo.safeParse(message[part]).data
  }
  return undefined
}

/** No text has the same: none may hold U+0000. */
function factsHash(type: string, facts: readonly unknown[]): string {
  return textHashOf(`\0${type}\0${JSON.stringify(facts)}`)
}
