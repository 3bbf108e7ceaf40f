/** The phone page: everything sent through the sandbox, phone by phone. */
import { createConversation } from './conversation.js'
import { byId, h, keepOneStop, makeWalkable, reconcile, setText } from './dom.js'
import { previewOf } from './message-kinds.js'
import { createPairing, offerScan } from './pairing.js'
import { phoneNumber } from './phone-format.js'
import { chatKey, createPhoneModel } from './phone-model.js'
import { chatRow, phoneRow } from './rows.js'
import { noChatChosen, noChats, noPhones } from './teaching.js'
import { startTheme } from './theme.js'

const ROWS_MAX = 200
const PINNED_MAX = 4

const asked = new URLSearchParams(location.search)
const chosen = { instance: asked.get('instance') ?? undefined, chat: undefined }
if (asked.has('chat')) chosen.chat = chatKey({ instance: chosen.instance, chat: asked.get('chat') })
/** Chats that stay open beside the chosen one, in the order they were pinned. */
const pinned = []
/** Until somebody chooses, the page shows whatever was sent last. */
let follows = chosen.instance === undefined
let isDrawing = false

const model = createPhoneModel({
  onChange() {
    if (!isDrawing) requestAnimationFrame(draw)
    isDrawing = true
  },
  onNews: announceChange,
  onLink(isLive) {
    byId('link').dataset.state = isLive ? 'live' : 'waiting'
    setText(byId('link'), isLive ? 'Live' : 'Reconnecting…')
  },
})
const pairing = createPairing({ scan })
const showScanSheet = asked.has('scan') && chosen.instance ? offerScan({ name: chosen.instance, model, scan }) : null

function draw() {
  isDrawing = false
  chooseSomething()
  drawPhones()
  drawChats()
  drawConversations()
  drawMagicNumbers()
  showScanSheet?.()
}

function chooseSomething() {
  const newest = [...model.chats.values()].findLast((chat) => model.instances.has(chat.instance))
  if (follows && newest !== undefined) Object.assign(chosen, { instance: newest.instance, chat: newest.key })
  if (!model.isLoaded()) return
  if (!model.instances.has(chosen.instance)) chosen.instance = model.instances.keys().next().value
  if (model.chats.get(chosen.chat)?.instance !== chosen.instance) chosen.chat = undefined
  for (const key of pinned) if (!model.chats.has(key)) pinned.splice(pinned.indexOf(key), 1)
}

function drawPhones() {
  const lastAt = new Map()
  const unread = new Map()
  for (const chat of model.chats.values()) {
    lastAt.set(chat.instance, chat.last?.at ?? 0)
    unread.set(chat.instance, (unread.get(chat.instance) ?? 0) + chat.unread)
  }
  const phones = [...model.instances.values()]
    .sort((a, b) => (lastAt.get(b.name) ?? 0) - (lastAt.get(a.name) ?? 0) || a.name.localeCompare(b.name))
    .slice(0, ROWS_MAX)
  reconcile(byId('phones'), phones, {
    keyOf: (phone) => phone.name,
    create: phoneRow((name) => choose({ instance: name, chat: undefined }, 'chats')),
    update: (row, phone) =>
      row.show(phone, { isChosen: phone.name === chosen.instance, unreadCount: unread.get(phone.name) ?? 0 }),
  })
  keepOneStop(byId('phones'))
  const news = [...unread.values()].reduce((sum, count) => sum + count, 0)
  document.title = news > 0 ? `(${news}) Sandbox phone` : 'Sandbox phone'
  setText(byId('phones-count'), model.instances.size > 0 ? String(model.instances.size) : '')
  document.body.classList.toggle('is-empty', model.isLoaded() && model.instances.size === 0)
}

function drawChats() {
  const phone = model.instances.get(chosen.instance)
  const chats = [...model.chats.values()].filter((chat) => chat.instance === chosen.instance).reverse()
  const open = openChats()
  for (const key of open) if (!document.hidden && model.chats.has(key)) model.chats.get(key).unread = 0
  reconcile(byId('chats'), chats.slice(0, ROWS_MAX), {
    keyOf: (chat) => chat.key,
    create: chatRow((key) => choose({ chat: key }, 'conversations')),
    update: (row, chat) => row.show(chat, { isChosen: chat.key === chosen.chat, isOpen: open.includes(chat.key) }),
  })
  keepOneStop(byId('chats'))
  setText(byId('chats-title'), phone?.name ?? 'Chats')
  setText(byId('phone-number'), phone?.owner ? phoneNumber(phone.owner) : '')
  byId('unlink').hidden = phone?.state !== 'open'
  byId('no-chats').hidden = chats.length > 0 || phone?.state !== 'open'
  pairing.show(phone)
}

function openChats() {
  return chosen.chat === undefined || pinned.includes(chosen.chat) ? [...pinned] : [...pinned, chosen.chat]
}

function drawConversations() {
  const open = openChats().filter((key) => model.chats.has(key))
  const box = byId('conversations')
  reconcile(box, open.length > 0 ? open.map((key) => model.chats.get(key)) : [lessonItem()], {
    keyOf: (item) => item.key,
    create: (item) => (item.lesson ? item.lesson() : openConversation(item)),
    update: (piece, item) =>
      piece.show?.(item, {
        phone: model.instances.get(item.instance),
        isPinned: pinned.includes(item.key),
        isAlone: open.length === 1,
      }),
  })
  for (const element of box.children) element.classList.toggle('current', element.dataset.chat === chosen.chat)
}

/** With no chat open, the place tells what to do next. */
function lessonItem() {
  const phone = model.instances.get(chosen.instance)
  const place = (lesson) => () => ({ element: h('div', { class: 'pane wallpaper lesson-pane' }, lesson()) })
  if (!model.isLoaded()) return { key: 'lesson loading', lesson: place(() => null) }
  if (phone === undefined) return { key: 'lesson phones', lesson: place(noPhones) }
  const hasChats = [...model.chats.values()].some((chat) => chat.instance === phone.name)
  if (hasChats) return { key: 'lesson choose', lesson: place(noChatChosen) }
  return { key: `lesson ${phone.name} ${phone.state}`, lesson: place(() => noChats(phone)) }
}

function openConversation(chat) {
  return createConversation(chat, {
    onBack: () => show('chats'),
    announce,
    find: (keyId) => model.messages.get(keyId),
    onPin() {
      if (pinned.includes(chat.key)) pinned.splice(pinned.indexOf(chat.key), 1)
      else pinned.push(chat.key)
      if (pinned.length > PINNED_MAX) pinned.shift()
      follows = false
      draw()
    },
    onClose() {
      if (pinned.includes(chat.key)) pinned.splice(pinned.indexOf(chat.key), 1)
      if (chosen.chat === chat.key) chosen.chat = pinned.at(-1)
      if (chosen.chat !== undefined) chosen.instance = model.chats.get(chosen.chat).instance
      follows = false
      draw()
      byId('chats').querySelector('.row[tabindex="0"]')?.focus()
    },
  })
}

function drawMagicNumbers() {
  reconcile(byId('magic-rows'), model.magicNumbers(), {
    keyOf: (magic) => magic.ending,
    create: (magic) => ({
      element: h(
        'tr',
        {},
        h('th', { scope: 'row', text: magic.ending }),
        h('td', { text: magic.answer }),
        h('td', { text: magic.effect }),
      ),
    }),
  })
}

function choose(choice, view) {
  follows = false
  Object.assign(chosen, choice)
  keepAddress()
  draw()
  show(view)
}

/** Whoever reloads the page or passes its address on finds the same phone and chat. */
function keepAddress() {
  const address = new URLSearchParams({ instance: chosen.instance })
  const chat = model.chats.get(chosen.chat)
  if (chat !== undefined) address.set('chat', chat.number)
  history.replaceState(null, '', `/phone?${address}`)
}

/** On a narrow window one pane is seen at a time; the focus goes along so that keyboards are not left behind. */
function show(view) {
  document.body.dataset.view = view
  if (!matchMedia('(max-width: 56rem)').matches) return
  const target = { phones: '#phones .row[tabindex="0"]', chats: '.chats .back', conversations: '.current .back' }[view]
  document.querySelector(target)?.focus()
}

function announce(text) {
  setText(byId('live'), text)
}

/** Tells listeners of a screen reader what happens in the chats that are open. */
function announceChange(change) {
  const message = change.kind === 'status' ? model.messages.get(change.keyId) : change.message
  if (change.kind === 'instance' && change.instance.name === chosen.instance && change.instance.state === 'open') {
    announce(`${change.instance.name} is connected`)
  }
  if (message === undefined || !openChats().includes(chatKey(message))) return
  if (change.kind === 'message' && message.direction === 'out') announce(`New message: ${previewOf(message).text}`)
  if (change.status === 'ERROR') announce('WhatsApp refused the message')
}

async function scan(name) {
  await post(name, 'scan', {})
}

async function post(name, action, body) {
  const response = await fetch(`/sandbox/instances/${encodeURIComponent(name)}/${action}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  }).catch(() => undefined)
  if (!response?.ok) announce('The sandbox did not take this')
}

startTheme()
if (chosen.chat !== undefined) document.body.dataset.view = 'conversations'
else if (chosen.instance !== undefined) document.body.dataset.view = 'chats'
for (const list of ['phones', 'chats']) makeWalkable(byId(list))
byId('unlink').addEventListener('click', () => void post(chosen.instance, 'state', { state: 'close' }))
byId('show-magic').addEventListener('click', () => byId('magic').showModal())
byId('chats-back').addEventListener('click', () => show('phones'))
for (const button of document.querySelectorAll('[data-close]')) {
  button.addEventListener('click', () => byId(button.dataset.close).close())
}
document.addEventListener('visibilitychange', draw)
if (location.hash === '#magic') byId('magic').showModal()
