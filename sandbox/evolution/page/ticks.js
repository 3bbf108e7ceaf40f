import { h, setText, svg } from './dom.js'

const WORDS = {
  PENDING: 'sent',
  DELIVERY_ACK: 'delivered',
  READ: 'read',
  PLAYED: 'played',
  ERROR: 'refused by WhatsApp',
}

/** One tick, two, two in blue, or a warning; with words for those who do not see them. */
export function tick() {
  const words = h('span', { class: 'visually-hidden' })
  const mark = h('span', { class: 'tick' }, picture(), words)
  return {
    element: mark,
    show(status) {
      mark.dataset.status = status
      mark.title = WORDS[status] ?? status
      setText(words, WORDS[status] ?? status)
    },
  }
}

function picture() {
  const strokes = {
    first: 'm2 6.5 3.4 3.4L12 2.4',
    second: 'm8.3 9.2.7.7L15.6 2.4',
    wrong: 'M9 .8a5.2 5.2 0 1 0 0 10.4A5.2 5.2 0 1 0 9 .8ZM9 3.3v3.2M9 8.7v.1',
  }
  return svg(
    'svg',
    { viewBox: '0 0 18 12', 'aria-hidden': 'true' },
    ...Object.entries(strokes).map(([name, line]) => svg('path', { class: name, d: line })),
  )
}
