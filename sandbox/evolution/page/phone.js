/** The phone page: everything sent through the sandbox, phone by phone. */
import { dayOf, hueOf, initialsOf, phoneNumber } from './phone-format.js'
import { chatKey, createPhoneModel } from './phone-model.js'
import { bubble, chatRow, day, magicRow, phoneRow, reconcile } from './phone-parts.js'

const ROWS_MAX = 200

const byId = (id) => document.getElementById(id)

const chosen = { instance: new URLSearchParams(location.search).get('instance') ?? undefined, chat: undefined }
/** Until somebody chooses, the page shows whatever was sent last. */
let follows = chosen.instance === undefined
let isDrawing = false

const model = createPhoneModel({
  onChange() {
    if (!isDrawing) requestAnimationFrame(draw)
    isDrawing = true
  },
  onNews: announce,
  onLink(isLive) {
    byId('link').dataset.state = isLive ? 'live' : 'waiting'
    byId('link').textContent = isLive ? 'Live' : 'Reconnecting…'
  },
})

function draw() {
  isDrawing = false
  chooseSomething()
  drawPhones()
  drawChats()
  drawConversation()
  reconcile(byId('magic-rows'), model.magicNumbers(), {
    keyOf: (magic) => magic.ending,
    create: magicRow,
    update() {},
  })
}

function chooseSomething() {
  const newest = [...model.chats.values()].at(-1)
  if (follows && newest !== undefined) Object.assign(chosen, { instance: newest.instance, chat: newest.key })
  if (!model.instances.has(chosen.instance)) chosen.instance = model.instances.keys().next().value
  if (model.chats.get(chosen.chat)?.instance !== chosen.instance) chosen.chat = undefined
}

function drawPhones() {
  const lastAt = new Map()
  for (const chat of model.chats.values()) lastAt.set(chat.instance, chat.last.at)
  const phones = [...model.instances.values()]
    .sort((a, b) => (lastAt.get(b.name) ?? 0) - (lastAt.get(a.name) ?? 0) || a.name.localeCompare(b.name))
    .slice(0, ROWS_MAX)
  reconcile(byId('phones'), phones, {
    keyOf: (phone) => phone.name,
    create: phoneRow((name) => choose({ instance: name, chat: undefined }, 'chats')),
    update: (row, phone) => row.show(phone, phone.name === chosen.instance),
  })
  byId('phones-count').textContent = model.instances.size > 0 ? String(model.instances.size) : ''
  byId('no-phones').hidden = model.instances.size > 0
}

function drawChats() {
  const phone = model.instances.get(chosen.instance)
  const chats = [...model.chats.values()]
    .filter((chat) => chat.instance === chosen.instance)
    .reverse()
    .slice(0, ROWS_MAX)
  reconcile(byId('chats'), chats, {
    keyOf: (chat) => chat.key,
    create: chatRow((key) => choose({ chat: key }, 'conversation')),
    update: (row, chat) => row.show(chat, chat.key === chosen.chat),
  })
  byId('chats-title').textContent = phone?.name ?? 'Chats'
  byId('phone-number').textContent = phone?.owner ? phoneNumber(phone.owner) : ''
  byId('unlink').hidden = phone?.state !== 'open'
  byId('no-chats').hidden = chats.length > 0 || phone === undefined
  drawPairing(phone)
}

function drawPairing(phone) {
  const waits = phone !== undefined && phone.state !== 'open'
  byId('pairing').hidden = !waits
  if (!waits) return
  const hasCode = phone.qr !== null
  byId('qr').hidden = !hasCode
  if (hasCode) Object.assign(byId('qr'), { src: phone.qr, alt: `QR code of ${phone.name}` })
  byId('pairing-code').hidden = phone.pairingCode === null
  byId('pairing-code').textContent = phone.pairingCode ?? ''
  byId('pairing-text').textContent = hasCode
    ? 'This phone waits for its QR code to be scanned.'
    : 'This phone is not connected to WhatsApp.'
  byId('scan').textContent = hasCode ? 'Scan the code' : 'Connect'
}

function drawConversation() {
  const chat = model.chats.get(chosen.chat)
  const scroller = byId('scroller')
  const isAtEnd = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 80
  const isOtherChat = scroller.dataset.chat !== (chat?.key ?? '')
  scroller.dataset.chat = chat?.key ?? ''
  reconcile(byId('bubbles'), withDays(chat?.messages ?? []), {
    keyOf: (item) => item.keyId,
    create: (item) => (item.day ? day(item) : bubble()),
    update: (row, item) => row.show(item),
  })
  byId('empty').hidden = chat !== undefined
  if (isAtEnd || isOtherChat) scroller.scrollTop = scroller.scrollHeight
  drawRecipient(chat)
}

function drawRecipient(chat) {
  const avatar = byId('chat-avatar')
  avatar.hidden = chat === undefined
  byId('chat-title').textContent = chat === undefined ? 'Conversation' : phoneNumber(chat.number)
  byId('chat-sub').textContent = chat === undefined ? '' : summary(chat.messages)
  if (chat === undefined) return
  avatar.textContent = initialsOf(chat.number)
  avatar.className = `avatar ${hueOf(chat.number)}`
}

function withDays(messages) {
  return messages.flatMap((message, index) => {
    const label = dayOf(message.at)
    const isNew = index === 0 || dayOf(messages[index - 1].at) !== label
    return isNew ? [{ keyId: `day ${label}`, day: label }, message] : [message]
  })
}

function summary(messages) {
  const read = messages.filter((message) => message.status === 'READ').length
  return `${messages.length} ${messages.length === 1 ? 'message' : 'messages'}, ${read} read`
}

function choose(choice, view) {
  follows = false
  Object.assign(chosen, choice)
  draw()
  show(view)
}

/** On a narrow window one pane is seen at a time; the focus goes along so that keyboards are not left behind. */
function show(view) {
  const isNarrow = getComputedStyle(document.querySelector('.back')).display !== 'none'
  document.body.dataset.view = view
  if (isNarrow) document.querySelector(`.${view} .back, .${view} .row[aria-current="true"]`)?.focus()
}

/** Tells listeners of a screen reader what happens in the chat they are in. */
function announce(change) {
  const message = change.kind === 'status' ? model.messages.get(change.keyId) : change.message
  if (message === undefined || chatKey(message) !== chosen.chat) return
  if (change.kind === 'message') byId('live').textContent = `Sent: ${message.content.slice(0, 120)}`
  if (change.status === 'ERROR') byId('live').textContent = 'WhatsApp refused the message'
}

function post(action, body) {
  return fetch(`/sandbox/instances/${encodeURIComponent(chosen.instance)}/${action}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
}

/** The arrow keys walk through a list. */
function walk(event) {
  const step = { ArrowDown: 'nextElementSibling', ArrowUp: 'previousElementSibling' }[event.key]
  const next = step && event.target.closest('li')?.[step]?.querySelector('button')
  if (!next) return
  event.preventDefault()
  next.focus()
}

byId('scan').addEventListener('click', () => void post('scan', {}))
byId('unlink').addEventListener('click', () => void post('state', { state: 'close' }))
byId('show-magic').addEventListener('click', () => byId('magic').showModal())
byId('phones').addEventListener('keydown', walk)
byId('chats').addEventListener('keydown', walk)
for (const button of document.querySelectorAll('[data-back]')) {
  button.addEventListener('click', () => show(button.dataset.back))
}
if (location.hash === '#magic') byId('magic').showModal()
