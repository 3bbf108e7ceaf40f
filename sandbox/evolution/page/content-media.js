/** Pictures, films, stickers and documents of a message. */
import { byId, h, hidden } from './dom.js'
import { formattedText } from './formatted-text.js'
import { icon } from './icons.js'
import { size } from './phone-format.js'

const addressOf = (media) => `/sandbox/media/${encodeURIComponent(media.id)}`

export function image({ media, caption }) {
  if (!media) return [gone('camera', 'Picture'), captionOf(caption)]
  const alt = caption || media.fileName || 'Picture without a caption'
  const picture = h('img', { src: addressOf(media), alt, class: 'picture', decoding: 'async' })
  const open = h(
    'button',
    { class: 'picture-button', type: 'button', 'aria-label': `Enlarge: ${alt}`, onclick: () => enlarge(media, alt) },
    picture,
  )
  picture.addEventListener('error', () => open.replaceWith(unreadable('camera', 'Picture', media)))
  return [open, captionOf(caption)]
}

export function video({ media, caption }) {
  if (!media) return [gone('video', 'Video'), captionOf(caption)]
  const film = h('video', {
    src: addressOf(media),
    class: 'picture',
    controls: true,
    preload: 'metadata',
    playsinline: true,
    'aria-label': caption || 'Video',
  })
  film.addEventListener('error', () => film.replaceWith(unreadable('video', 'Video', media)))
  return [film, captionOf(caption)]
}

/** A film in a circle; it plays on a click, and ends where it began. */
export function roundVideo({ media }) {
  if (!media) return [gone('video', 'Round video')]
  const film = h('video', { src: addressOf(media), preload: 'metadata', playsinline: true, tabindex: '-1' })
  const button = h(
    'button',
    { class: 'round', type: 'button', 'aria-label': 'Play the round video' },
    film,
    h('span', { class: 'round-mark' }, icon('play')),
  )
  const show = () => {
    button.classList.toggle('plays', !film.paused)
    button.setAttribute('aria-label', film.paused ? 'Play the round video' : 'Pause the round video')
  }
  for (const event of ['play', 'pause', 'ended']) film.addEventListener(event, show)
  button.addEventListener('click', () => (film.paused ? film.play().catch(() => {}) : film.pause()))
  film.addEventListener('error', () => button.replaceWith(unreadable('video', 'Round video', media)))
  return [button]
}

export function sticker({ media }) {
  if (!media) return [gone('sticker', 'Sticker')]
  const picture = h('img', { src: addressOf(media), alt: 'Sticker', class: 'sticker', decoding: 'async' })
  picture.addEventListener('error', () => picture.replaceWith(unreadable('sticker', 'Sticker', media)))
  return [picture]
}

export function documentCard({ media, fileName, caption }) {
  const name = fileName || media?.fileName || 'Document'
  const ending = /\.([a-z0-9]{1,5})$/i.exec(name)?.[1]?.toUpperCase() ?? 'FILE'
  const words = h(
    'span',
    { class: 'grow' },
    h('span', { class: 'card-title', text: name }),
    h('span', { class: 'card-note', text: media ? `${ending} · ${size(media.bytes)}` : `${ending} · no longer kept` }),
  )
  const sheet = h('span', { class: 'sheet', 'data-type': ending, 'aria-hidden': 'true', text: ending.slice(0, 4) })
  if (!media) return [h('div', { class: 'card document' }, sheet, words), captionOf(caption)]
  const card = h(
    'a',
    { class: 'card document', href: addressOf(media), download: name },
    hidden('Download'),
    sheet,
    words,
    icon('download'),
  )
  return [card, captionOf(caption)]
}

function captionOf(caption) {
  return caption ? formattedText(caption) : null
}

/** Its bytes had to leave: the sandbox keeps a bounded amount. */
export function gone(picture, what) {
  return h('div', { class: 'missing' }, icon(picture), h('span', { text: `${what}, no longer kept` }))
}

function unreadable(picture, what, media) {
  return h(
    'div',
    { class: 'missing' },
    icon(picture),
    h('span', {}, `${what} this browser cannot show`, h('small', { text: `${media.mimetype} · ${size(media.bytes)}` })),
  )
}

function enlarge(media, alt) {
  const dialog = byId('lightbox')
  Object.assign(byId('lightbox-picture'), { src: addressOf(media), alt })
  byId('lightbox-caption').textContent = alt
  dialog.showModal()
}
