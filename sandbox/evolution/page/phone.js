/**
 * The phone page: everything sent through the sandbox, phone by phone. It reads the whole view once and then follows
 * the stream; texts of messages only ever enter the page as text.
 */
import { dayOf, hueOf, initialsOf, phoneNumber } from './phone-format.js'
import { bubble, chatRow, day, phoneRow, reconcile } from './phone-parts.js'

const ROWS_MAX = 200
const BUBBLES_MAX = 300

const byId = (id) => document.getElementById(id)

const instances = new Map()
const chats = new Map()
const messages = new Map()
const chosen = { instance: new URLSearchParams(location.search).get('instance') ?? undefined, chat: undefined }
/** Until somebody chooses, the page shows whatever was sent last. */
let follows = chosen.instance === undefined
let drawing = false

async function load() {
  const response = await fetch('/sandbox/view')
  const view = await response.json()
  instances.clear()
  chats.clear()
  messages.clear()
  for (const instance of view.instances) instances.set(instance.name, instance)
  for (const message of view.messages) addMessage(message)
  reconcile(
    byId('magic-rows'),
    view.magicNumbers,
    (magic) => magic.ending,
    magicRow,
    () => {},
  )
  draw()
}

function follow() {
  const stream = new EventSource('/sandbox/stream')
  stream.addEventListener('open', () => {
    showLink('live', 'Live')
    void load()
  })
  stream.addEventListener('error', () => showLink('waiting', 'Reconnecting…'))
  stream.addEventListener('reload', () => void load())
  stream.addEventListener('changes', (event) => {
    for (const change of JSON.parse(event.data)) apply(change)
    draw()
  })
}

function apply(change) {
  if (change.kind === 'message') {
    addMessage({ ...change.message, fresh: true })
    if (isShown(change.message)) announce(`Sent: ${change.message.content.slice(0, 120)}`)
  }
  if (change.kind === 'status') {
    const message = messages.get(change.keyId)
    if (message === undefined) return
    message.status = change.status
    if (isShown(message) && change.status === 'ERROR') announce('WhatsApp refused the last message')
  }
  if (change.kind === 'instance') instances.set(change.instance.name, change.instance)
  if (change.kind === 'removed') instances.delete(change.name)
}

function addMessage(message) {
  if (messages.has(message.keyId)) return
  messages.set(message.keyId, message)
  const key = `${message.instance}/${message.chat}`
  const chat = chats.get(key) ?? { key, instance: message.instance, number: message.chat, messages: [] }
  chat.messages.push(message)
  if (chat.messages.length > BUBBLES_MAX) messages.delete(chat.messages.shift().keyId)
  chat.last = message
  chats.delete(key)
  chats.set(key, chat)
  if (follows) Object.assign(chosen, { instance: message.instance, chat: key })
}

function draw() {
  if (drawing) return
  drawing = true
  requestAnimationFrame(() => {
    drawing = false
    chooseSomething()
    drawPhones()
    drawChats()
    drawConversation()
  })
}

function chooseSomething() {
  if (!instances.has(chosen.instance)) chosen.instance = instances.keys().next().value
  if (chats.get(chosen.chat)?.instance !== chosen.instance) chosen.chat = undefined
}

function drawPhones() {
  const lastAt = new Map()
  for (const chat of chats.values()) lastAt.set(chat.instance, chat.last.at)
  const rows = [...instances.values()]
    .sort((a, b) => (lastAt.get(b.name) ?? 0) - (lastAt.get(a.name) ?? 0) || a.name.localeCompare(b.name))
    .slice(0, ROWS_MAX)
  const select = (name) => choose({ instance: name, chat: undefined }, 'chats')
  reconcile(
    byId('phones'),
    rows,
    (phone) => phone.name,
    phoneRow(select),
    (row, phone) => row.show(phone, phone.name === chosen.instance),
  )
  byId('phones-count').textContent = instances.size > 0 ? String(instances.size) : ''
  byId('no-phones').hidden = instances.size > 0
}

function drawChats() {
  const phone = instances.get(chosen.instance)
  const rows = [...chats.values()]
    .filter((chat) => chat.instance === chosen.instance)
    .reverse()
    .slice(0, ROWS_MAX)
  const select = (key) => choose({ chat: key }, 'conversation')
  reconcile(
    byId('chats'),
    rows,
    (chat) => chat.key,
    chatRow(select),
    (row, chat) => row.show(chat, chat.key === chosen.chat),
  )
  byId('chats-title').textContent = phone?.name ?? 'Chats'
  byId('phone-number').textContent = phone?.owner ? phoneNumber(phone.owner) : ''
  byId('unlink').hidden = phone?.state !== 'open'
  byId('no-chats').hidden = rows.length > 0 || phone === undefined
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
  const chat = chats.get(chosen.chat)
  const scroller = byId('scroller')
  const atEnd = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 80
  const changedChat = scroller.dataset.chat !== (chat?.key ?? '')
  scroller.dataset.chat = chat?.key ?? ''
  reconcile(
    byId('bubbles'),
    withDays(chat?.messages ?? []),
    (item) => item.keyId,
    (item) => (item.day ? day(item) : bubble()),
    (row, item) => row.show(item),
  )
  byId('empty').hidden = chat !== undefined
  byId('chat-title').textContent = chat === undefined ? 'Conversation' : phoneNumber(chat.number)
  byId('chat-sub').textContent = chat === undefined ? '' : summary(chat.messages)
  byId('chat-avatar').hidden = chat === undefined
  if (chat !== undefined) {
    byId('chat-avatar').textContent = initialsOf(chat.number)
    byId('chat-avatar').className = `avatar ${hueOf(chat.number)}`
  }
  if (atEnd || changedChat) scroller.scrollTop = scroller.scrollHeight
}

function withDays(list) {
  return list.flatMap((message, index) => {
    const label = dayOf(message.at)
    const isNew = index === 0 || dayOf(list[index - 1].at) !== label
    return isNew ? [{ keyId: `day ${label}`, day: label }, message] : [message]
  })
}

function summary(list) {
  const read = list.filter((message) => message.status === 'READ').length
  return `${list.length} ${list.length === 1 ? 'message' : 'messages'}, ${read} read`
}

function choose(choice, view) {
  follows = false
  Object.assign(chosen, choice)
  show(view)
  draw()
}

/** On a narrow window one pane is seen at a time; the focus goes along so that keyboards are not left behind. */
function show(view) {
  const isNarrow = getComputedStyle(document.querySelector('.back')).display !== 'none'
  document.body.dataset.view = view
  if (isNarrow) document.querySelector(`.${view} .pane-head .back`)?.focus()
}

function isShown(message) {
  return `${message.instance}/${message.chat}` === chosen.chat
}

function announce(text) {
  byId('live').textContent = text
}

function showLink(state, text) {
  byId('link').dataset.state = state
  byId('link').textContent = text
}

function magicRow(magic) {
  const row = document.createElement('tr')
  const ending = document.createElement('th')
  ending.scope = 'row'
  ending.textContent = magic.ending
  const cells = [magic.answer, magic.effect].map((text) => {
    const cell = document.createElement('td')
    cell.textContent = text
    return cell
  })
  row.append(ending, ...cells)
  return { element: row }
}

function post(path, body) {
  return fetch(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
}

byId('scan').addEventListener(
  'click',
  () => void post(`/sandbox/instances/${encodeURIComponent(chosen.instance)}/scan`, {}),
)
byId('unlink').addEventListener(
  'click',
  () => void post(`/sandbox/instances/${encodeURIComponent(chosen.instance)}/state`, { state: 'close' }),
)
byId('show-magic').addEventListener('click', () => byId('magic').showModal())
for (const button of document.querySelectorAll('[data-back]')) {
  button.addEventListener('click', () => show(button.dataset.back))
}
/** The arrow keys walk through a list, as on the phone's desktop. */
for (const list of [byId('phones'), byId('chats')]) {
  list.addEventListener('keydown', (event) => {
    const step = { ArrowDown: 'nextElementSibling', ArrowUp: 'previousElementSibling' }[event.key]
    const next = step && event.target.closest('li')?.[step]?.querySelector('button')
    if (!next) return
    event.preventDefault()
    next.focus()
  })
}

follow()
