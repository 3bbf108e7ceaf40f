import { audio } from './content-audio.js'
import { buttons, contacts, list, poll, template } from './content-cards.js'
import { location } from './content-location.js'
import { documentCard, image, roundVideo, sticker, video } from './content-media.js'
import { formattedText, linkCard, plainText } from './formatted-text.js'

/**
 * What the page knows of each kind of message. `build(content, context)` gives the insides of a bubble and
 * `preview(content)` one line for the list of chats; `isBare` is shown without a bubble around it.
 */
const KINDS = {
  text: { build: text, preview: (content) => content.text },
  image: { icon: 'camera', build: image, preview: (content) => content.caption || 'Photo', isFull: true },
  video: { icon: 'video', build: video, preview: (content) => content.caption || 'Video', isFull: true },
  'round-video': { icon: 'video', build: roundVideo, preview: () => 'Video message', isBare: true },
  sticker: { icon: 'sticker', build: sticker, preview: () => 'Sticker', isBare: true },
  document: { icon: 'document', build: documentCard, preview: (content) => content.fileName || 'Document' },
  audio: { icon: 'music', build: audio, preview: () => 'Audio' },
  voice: { icon: 'mic', build: audio, preview: () => 'Voice message' },
  location: { icon: 'location', build: location, preview: (content) => content.name || 'Location', isFull: true },
  contacts: { icon: 'contact', build: contacts, preview: contactsPreview },
  reaction: {
    build: ({ emoji }) => [formattedText(emoji ? `${emoji} to an earlier message` : 'Took a reaction back')],
    preview: ({ emoji }) => (emoji ? `Reacted ${emoji}` : 'Took a reaction back'),
  },
  poll: { icon: 'poll', build: poll, preview: (content) => content.name },
  list: { icon: 'list', build: list, preview: (content) => content.title || content.description || 'List' },
  buttons: { icon: 'button', build: buttons, preview: (content) => content.title || content.description || 'Buttons' },
  template: { icon: 'template', build: template, preview: (content) => content.name },
}

const UNKNOWN = { build: (_content, { kind }) => [formattedText(`A message of the kind "${kind}"`)], preview: () => '' }

export function kindOf(message) {
  return KINDS[message.kind] ?? UNKNOWN
}

export function previewOf(message) {
  const kind = kindOf(message)
  return { icon: kind.icon, text: plainText(String(kind.preview(message.content) ?? '')).slice(0, 160) }
}

function text(content) {
  return [content.preview?.url ? linkCard(content.preview.url) : null, formattedText(content.text)]
}

function contactsPreview(content) {
  const [first] = content.contacts
  const others = content.contacts.length - 1
  return others > 0 ? `${first.fullName} and ${others} more` : (first?.fullName ?? 'Contact')
}
