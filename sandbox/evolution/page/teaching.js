/** What empty places say: the command that fills them, ready to be copied. */
import { copy } from './content-cards.js'
import { h } from './dom.js'
import { icon } from './icons.js'

export function noPhones() {
  return teach({
    picture: 'phone',
    title: 'Make your first phone',
    text: 'Each instance of Evolution API is a phone on this page. This makes one, and shows its code to scan:',
    command: curl('/instance/create', { instanceName: 'my-phone', integration: 'WHATSAPP-BAILEYS', qrcode: true }),
    after: 'Your key is in AUTHENTICATION_API_KEY; the sandbox prints it when it starts.',
  })
}

export function noChats(phone) {
  if (phone.state !== 'open') {
    return teach({
      picture: 'link',
      title: 'Waiting to be linked',
      text: `Until ${phone.name} is connected, Evolution API refuses what you send through it.`,
    })
  }
  return teach({
    picture: 'send',
    title: 'Send the first message',
    text: 'One tick says it was sent, two that it was delivered, blue ones that it was read. Watch it arrive:',
    command: curl(`/message/sendText/${encodeURIComponent(phone.name)}`, {
      number: '5511999991000',
      text: 'Hello from the sandbox',
    }),
    after: 'Want to see it fail? Look at the magic numbers above.',
  })
}

export function noChatChosen() {
  return teach({
    picture: 'pin',
    title: 'Choose a chat',
    text: 'The recipient reads here and may write back. Keep a chat open with the pin to watch several side by side.',
  })
}

function curl(path, body) {
  return [
    `curl -X POST '${location.origin}${path}'`,
    `-H "apikey: $AUTHENTICATION_API_KEY"`,
    `-H 'content-type: application/json'`,
    `-d '${JSON.stringify(body).replaceAll("'", "'\\''")}'`,
  ].join(' \\\n  ')
}

function teach({ picture, title, text, command, after }) {
  const box = h(
    'div',
    { class: 'lesson' },
    h('span', { class: 'lesson-mark' }, icon(picture)),
    h('p', { class: 'lesson-title', text: title }),
    h('p', { text }),
  )
  if (command !== undefined) {
    const words = h('span', { text: 'Copy' })
    const button = h('button', { class: 'button quiet copy', type: 'button' }, icon('copy'), words)
    button.addEventListener('click', () => void copy(command, words))
    const code = h('pre', { tabindex: '0', role: 'group', 'aria-label': 'Command' }, h('code', { text: command }))
    const head = h('div', { class: 'command-head' }, h('span', { text: 'Terminal' }), button)
    box.append(h('div', { class: 'command' }, head, code))
  }
  if (after !== undefined) box.append(h('p', { class: 'sub', text: after }))
  return box
}
