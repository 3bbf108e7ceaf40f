/** The rows of the two lists: phones, and the chats of the chosen phone. */
import { h, hidden, setText } from './dom.js'
import { icon } from './icons.js'
import { previewOf } from './message-kinds.js'
import { hueOf, initialsOf, phoneNumber, timeOf } from './phone-format.js'
import { tick } from './ticks.js'

const STATES = {
  open: 'Connected',
  connecting: 'Waits for a scan',
  close: 'Not connected',
  loading: 'Loading',
  gone: 'Being deleted',
}

const CHANNELS = { 'WHATSAPP-BUSINESS': 'Cloud API', EVOLUTION: 'Evolution' }

export function phoneRow(select) {
  return ({ name, integration }) => {
    const dot = h('span', { class: 'dot', 'aria-hidden': 'true' })
    const note = h('span', { class: 'row-note' })
    const unread = unreadBadge()
    const channel = CHANNELS[integration]
    const { item, button } = row(
      () => select(name),
      avatarOf(name),
      column(
        line(h('span', { class: 'row-name', text: name }), channel ? h('span', { class: 'tag', text: channel }) : null),
        line(dot, note, unread.element),
      ),
    )
    return {
      element: item,
      show(phone, { isChosen, unreadCount }) {
        button.setAttribute('aria-current', String(isChosen))
        dot.dataset.state = phone.state
        setText(note, phone.state === 'open' && phone.owner ? phoneNumber(phone.owner) : STATES[phone.state])
        unread.show(isChosen ? 0 : unreadCount)
      },
    }
  }
}

export function chatRow(select) {
  return ({ key, number }) => {
    const time = h('span', { class: 'row-time' })
    const picture = h('span', { class: 'row-icon' })
    const note = h('span', { class: 'row-note' })
    const mark = tick()
    const unread = unreadBadge()
    const { item, button } = row(
      () => select(key),
      avatarOf(number),
      column(
        line(h('span', { class: 'row-name', text: phoneNumber(number) }), time),
        line(mark.element, picture, note, unread.element),
      ),
    )
    let shown
    return {
      element: item,
      show(chat, { isChosen, isOpen }) {
        button.setAttribute('aria-current', String(isChosen))
        item.classList.toggle('open', isOpen)
        unread.show(chat.unread)
        const { last, presence } = chat
        const summary = summaryOf(chat)
        note.classList.toggle('is-typing', presence !== undefined)
        mark.element.hidden = !summary.isTicked
        if (summary.isTicked) mark.show(last.status)
        setText(note, summary.text)
        if (summary.icon !== shown) picture.replaceChildren(...(summary.icon ? [icon(summary.icon)] : []))
        shown = summary.icon
        setText(time, last === undefined ? '' : timeOf(last.at))
      },
    }
  }
}

/** The second line of a chat: what is being written, else the last message. */
function summaryOf({ last, presence }) {
  if (presence !== undefined) return { text: presenceWords(presence), isTicked: false }
  if (last === undefined) return { text: '', isTicked: false }
  return { ...previewOf(last), isTicked: last.direction === 'out' }
}

export function presenceWords(presence) {
  return presence === 'recording' ? 'recording audio…' : 'typing…'
}

function unreadBadge() {
  const count = h('span', { 'aria-hidden': 'true' })
  const words = hidden('')
  const element = h('span', { class: 'unread', hidden: true }, count, words)
  return {
    element,
    show(value) {
      element.hidden = value === 0
      setText(count, value > 99 ? '99+' : String(value))
      setText(words, value === 0 ? '' : `${value} new`)
    },
  }
}

function avatarOf(name) {
  return h('span', { class: `avatar ${hueOf(name)}`, 'aria-hidden': 'true', text: initialsOf(name) })
}

function row(onclick, ...children) {
  const button = h('button', { class: 'row', type: 'button', onclick }, ...children)
  return { item: h('li', {}, button), button }
}

const column = (...children) => h('span', { class: 'grow' }, ...children)
const line = (...children) => h('span', { class: 'row-line' }, ...children)
