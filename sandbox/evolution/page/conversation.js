import { bubble, day, typingBubble } from './bubble.js'
import { createComposer } from './composer.js'
import { h, hidden, reconcile, setText } from './dom.js'
import { icon } from './icons.js'
import { dayOf, hueOf, initialsOf, phoneNumber } from './phone-format.js'
import { presenceWords } from './rows.js'

const NEAR_END_PX = 80
/** A pause this long parts messages that else stand close together. */
const RUN_MS = 5 * 60_000

let serial = 0

/** One open chat: its head, its messages and the field for a reply. Several stand side by side. */
export function createConversation(chat, { onBack, onPin, onClose, announce, find }) {
  serial += 1
  const id = `chat-${serial}`
  const number = phoneNumber(chat.number)
  const sub = h('p', { class: 'sub' })
  const list = h('ol', { class: 'bubbles' })
  const scroller = h('div', { class: 'wallpaper', tabindex: '0', role: 'group', 'aria-labelledby': id }, list)
  const composer = createComposer({ chat, number, announce })
  const pin = headButton('pin', `Keep ${number} open`, onPin)
  const close = headButton('close', `Close ${number}`, onClose)
  const element = h(
    'section',
    { class: 'pane conversation', 'aria-labelledby': id, 'data-chat': chat.key },
    h(
      'div',
      { class: 'pane-head' },
      h('button', { class: 'back', type: 'button', 'aria-label': 'Back to the chats', onclick: onBack }, icon('back')),
      h('span', { class: `avatar ${hueOf(chat.number)}`, 'aria-hidden': 'true', text: initialsOf(chat.number) }),
      h('div', { class: 'grow' }, h('h2', { id, text: number }), sub),
      pin,
      close,
    ),
    scroller,
    composer.element,
  )
  const actions = {
    find,
    quote: composer.quote,
    answer: (message, text) => composer.send(text, message),
  }
  /** Stays at the newest message, also when a picture above it grows, unless somebody scrolled away from it. */
  let sticks = true
  scroller.addEventListener('scroll', () => {
    sticks = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR_END_PX
  })
  const growth = new ResizeObserver(stick)
  for (const box of [scroller, list]) growth.observe(box)

  return {
    element,
    dispose() {
      growth.disconnect()
      for (const media of element.querySelectorAll('audio, video')) media.pause()
    },
    show(current, { isPinned, isAlone, phone }) {
      reconcile(list, itemsOf(current), {
        keyOf: (item) => item.keyId,
        create: (item) => create(item, actions),
        update: (piece, item) => piece.show(item.message, item.isFirstOfRun),
      })
      pin.setAttribute('aria-pressed', String(isPinned))
      close.hidden = isAlone && !isPinned
      sub.classList.toggle('is-typing', current.presence !== undefined)
      setText(sub, current.presence === undefined ? summary(current, phone) : presenceWords(current.presence))
      composer.show(phone)
      stick()
    },
  }

  function stick() {
    if (sticks) scroller.scrollTop = scroller.scrollHeight
  }
}

function create(item, actions) {
  if (item.day !== undefined) return day(item)
  return item.presence === undefined ? bubble(item.message, actions) : typingBubble(item.presence)
}

/** Days between messages, and at the end what the sender is doing. */
function itemsOf({ messages, presence }) {
  const items = []
  let last
  for (const message of messages) {
    const label = dayOf(message.at)
    const isNewDay = last === undefined || dayOf(last.at) !== label
    if (isNewDay) items.push({ keyId: `day ${label}`, day: label })
    const isFirstOfRun = isNewDay || last.direction !== message.direction || message.at - last.at > RUN_MS
    items.push({ keyId: message.keyId, message, isFirstOfRun })
    last = message
  }
  if (presence !== undefined) items.push({ keyId: `presence ${presence}`, presence })
  return items
}

function summary({ messages, instance }, phone) {
  const sent = messages.filter((message) => message.direction === 'out')
  const read = sent.filter((message) => message.status === 'READ').length
  const words = sent.length === 0 ? 'No messages yet' : `${sent.length} from ${instance}, ${read} read`
  return phone === undefined ? `${words} · phone deleted` : words
}

function headButton(picture, label, onclick) {
  return h('button', { class: 'icon-button', type: 'button', title: label, onclick }, icon(picture), hidden(label))
}
