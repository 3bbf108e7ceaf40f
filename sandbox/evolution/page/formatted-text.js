import { h, hidden } from './dom.js'
import { icon } from './icons.js'

const CLIPPED_CHARACTERS = 3_000
const DEPTH_MAX = 3

const MARKS = new RegExp(
  [
    '```(?<block>[^`]+)```',
    '`(?<code>[^`\\n]+)`',
    '(?<![\\p{L}\\p{N}*])\\*(?<bold>[^\\s*](?:[^*\\n]*[^\\s*])?)\\*(?![\\p{L}\\p{N}*])',
    '(?<![\\p{L}\\p{N}_])_(?<italic>[^\\s_](?:[^_\\n]*[^\\s_])?)_(?![\\p{L}\\p{N}_])',
    '(?<![\\p{L}\\p{N}~])~(?<struck>[^\\s~](?:[^~\\n]*[^\\s~])?)~(?![\\p{L}\\p{N}~])',
    '(?<link>https?://[^\\s<>"]*[^\\s<>".,;:!?)])',
    '@(?<mention>\\d{5,15})(?!\\d)',
  ].join('|'),
  'gu',
)

const TAGS = { block: 'code', code: 'code', bold: 'strong', italic: 'em', struck: 's' }

/** Text as WhatsApp shows it: *bold*, _italic_, ~struck~, `code`, links and mentions; long ones clipped at first. */
export function formattedText(text, className = 'bubble-text') {
  const box = h('p', { class: isJumbo(text) ? `${className} jumbo` : className, dir: 'auto' })
  if (text.length <= CLIPPED_CHARACTERS) {
    box.append(...marked(text, 0))
    return box
  }
  const more = h('button', { class: 'more', type: 'button', text: 'Read more' })
  more.addEventListener('click', () => box.replaceChildren(...marked(text.slice(0, CHARACTERS_MAX), 0)))
  box.append(...marked(text.slice(0, CLIPPED_CHARACTERS), 0), '… ', more)
  return box
}

const CHARACTERS_MAX = 100_000

/** The same text in one line and without its marks. */
export function plainText(text) {
  return text
    .slice(0, CLIPPED_CHARACTERS)
    .replace(MARKS, (match, ...groups) => {
      const { link, mention, ...marks } = groups.at(-1)
      return Object.values(marks).find((inner) => inner !== undefined) ?? match
    })
    .replace(/\s+/g, ' ')
}

/** A few emoji and nothing else are shown large. */
function isJumbo(text) {
  return text.length < 24 && /^(?:\p{RGI_Emoji}\s?){1,3}$/v.test(text)
}

function marked(text, depth) {
  const parts = []
  let end = 0
  for (const match of text.matchAll(MARKS)) {
    if (match.index > end) parts.push(text.slice(end, match.index))
    parts.push(pieceOf(match.groups, depth))
    end = match.index + match[0].length
  }
  if (end < text.length) parts.push(text.slice(end))
  return parts
}

function pieceOf(groups, depth) {
  const [name, inner] = Object.entries(groups).find(([, value]) => value !== undefined)
  if (name === 'link') return link(inner)
  if (name === 'mention') return h('span', { class: 'mention', text: `@${inner}` })
  const isPlain = name === 'block' || name === 'code' || depth >= DEPTH_MAX
  return h(TAGS[name], {}, isPlain ? inner : marked(inner, depth + 1))
}

/** Opens elsewhere and takes nothing along; the page itself never loads what it points to. */
function link(url) {
  return h('a', { href: url, target: '_blank', rel: 'noopener noreferrer', text: url })
}

/** The card a link preview makes; its picture would come from elsewhere, so there is none. */
export function linkCard(url) {
  const target = URL.parse(url)
  if (target === null || !/^https?:$/.test(target.protocol)) return null
  return h(
    'a',
    { class: 'link-card', href: target.href, target: '_blank', rel: 'noopener noreferrer' },
    icon('link'),
    h(
      'span',
      { class: 'grow' },
      h('span', { class: 'link-host', text: target.host }),
      h('span', { class: 'link-path', text: `${target.pathname}${target.search}` }),
    ),
    hidden('opens in a new tab'),
  )
}
