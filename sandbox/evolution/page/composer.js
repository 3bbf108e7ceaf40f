import { h, hidden, setText } from './dom.js'
import { icon } from './icons.js'
import { previewOf } from './message-kinds.js'

const HEIGHT_PX_MAX = 140

/** The recipient writes back: what is sent here reaches the sender's webhook as `messages.upsert`. */
export function createComposer({ chat, number, announce }) {
  let quoted
  const label = `Reply as ${number}`
  const field = h('textarea', { rows: '1', dir: 'auto', maxlength: '65536', 'aria-label': label, placeholder: label })
  const submit = h('button', { class: 'send', type: 'submit', title: 'Send the reply' }, icon('send'), hidden('Send'))
  const quotedText = h('p', {})
  const drop = h('button', { class: 'icon-button', type: 'button' }, icon('close'), hidden('Do not quote'))
  const quotation = h('div', { class: 'composer-quote', hidden: true }, h('blockquote', {}, quotedText), drop)
  const fault = h('p', { class: 'fault', role: 'alert', hidden: true })
  const element = h('form', { class: 'composer' }, quotation, fault, h('div', { class: 'writing' }, field, submit))

  element.addEventListener('submit', (event) => {
    event.preventDefault()
    void sendField()
  })
  field.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && quoted !== undefined) {
      event.stopPropagation()
      quote(undefined)
    }
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
    event.preventDefault()
    void sendField()
  })
  field.addEventListener('input', grow)
  drop.addEventListener('click', () => quote(undefined))
  return {
    element,
    quote,
    send,
    show(phone) {
      const canReply = phone?.state === 'open'
      field.disabled = !canReply
      submit.disabled = !canReply
      field.placeholder = canReply ? label : `${chat.instance} is not connected`
    },
  }

  function quote(message) {
    quoted = message
    quotation.hidden = message === undefined
    setText(quotedText, message === undefined ? '' : previewOf(message).text || message.kind)
    field.focus()
  }

  async function sendField() {
    const text = field.value.trim()
    if (text === '' || submit.disabled) return
    const isTaken = await send(text, quoted)
    if (!isTaken) return
    field.value = ''
    grow()
    quote(undefined)
  }

  async function send(text, message) {
    const isTaken = await post({ number: chat.number, text, ...(message ? { quotedKeyId: message.keyId } : {}) })
    fault.hidden = isTaken === true
    if (isTaken === true) announce(`Replied: ${text.slice(0, 120)}`)
    else setText(fault, `The reply was not taken: ${isTaken}`)
    return isTaken === true
  }

  /** True, or why not. */
  async function post(reply) {
    try {
      const response = await fetch(`/sandbox/instances/${encodeURIComponent(chat.instance)}/replies`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(reply),
      })
      if (response.ok) return true
      const { message } = await response.json()
      return String(message)
    } catch {
      return 'the sandbox does not answer'
    }
  }

  function grow() {
    field.style.height = 'auto'
    field.style.height = `${Math.min(field.scrollHeight, HEIGHT_PX_MAX)}px`
  }
}
