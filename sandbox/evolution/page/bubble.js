import { h, hidden, setText } from './dom.js'
import { formattedText, plainText } from './formatted-text.js'
import { icon } from './icons.js'
import { kindOf, previewOf } from './message-kinds.js'
import { timeOf } from './phone-format.js'
import { tick } from './ticks.js'

/** One message. `quote(message)` begins a reply to it, `answer(message, text)` sends one, `find(keyId)` gives another. */
export function bubble(message, { quote, answer, find }) {
  const kind = kindOf(message)
  const isIn = message.direction === 'in'
  const time = h('time', { datetime: new Date(message.at).toISOString(), text: timeOf(message.at) })
  const mark = tick()
  const reactions = h('span', { class: 'reactions', hidden: true })
  const context = { kind: message.kind, keyId: message.keyId, answer: (text) => answer(message, text) }
  const frame = h(
    'div',
    { class: `bubble${kind.isBare ? ' bare' : ''}${kind.isFull ? ' full' : ''}`, 'data-kind': message.kind },
    hidden(isIn ? 'Received:' : 'Sent:'),
    message.quoted ? quotation(message.quoted, find(message.quoted.keyId)) : null,
    insidesOf(message, context),
    h('span', { class: 'bubble-meta' }, time, isIn ? null : mark.element),
    reactions,
  )
  const reply = h('button', {
    class: 'quote-button',
    type: 'button',
    'aria-label': `Quote: ${previewOf(message).text.slice(0, 60) || message.kind}`,
    title: 'Quote in a reply',
    onclick: () => quote(message),
  })
  reply.append(icon('reply'))
  const item = h('li', {
    class: message.fresh ? 'message fresh' : 'message',
    'data-direction': message.direction,
    'data-key': message.keyId,
  })
  item.append(frame, reply)
  return {
    element: item,
    show(current, isFirstOfRun) {
      item.classList.toggle('first', isFirstOfRun)
      mark.show(current.status)
      const emoji = [...new Set(Object.values(current.reactions ?? {}))].filter(Boolean).join('')
      setText(reactions, emoji)
      reactions.hidden = emoji === ''
      reactions.classList.toggle('given', emoji !== '')
    },
  }
}

/** Templates have components of any form; what cannot be shown must not take the whole page along. */
function insidesOf(message, context) {
  try {
    return kindOf(message).build(message.content, context)
  } catch {
    return [formattedText(`A message of the kind "${message.kind}" that cannot be shown`)]
  }
}

function quotation({ text }, message) {
  const words = plainText(text) || (message ? previewOf(message).text : '') || 'A message'
  return h('blockquote', { class: 'quotation' }, h('p', { text: words }))
}

export function day(item) {
  return { element: h('li', { class: 'day' }, h('span', { text: item.day })), show() {} }
}

/** What stands at the end of the chat while the sender is writing or recording. */
export function typingBubble(presence) {
  const words = presence === 'recording' ? 'recording audio…' : 'typing…'
  const item = h('li', { class: 'message first', 'data-direction': 'out' })
  item.append(
    h(
      'div',
      { class: 'bubble typing' },
      hidden(`The sender is ${words}`),
      presence === 'recording' ? icon('mic') : null,
      h('span', { class: 'typing-dots', 'aria-hidden': 'true' }, h('i'), h('i'), h('i')),
    ),
  )
  return { element: item, show() {} }
}
