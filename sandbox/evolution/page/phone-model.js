/**
 * What the page knows: phones, chats and messages, read whole once and kept up to date from the stream.
 * `onChange` is called after the data changed, `onNews` with each change that came by the stream.
 */
export function createPhoneModel({ onChange, onNews, onLink }) {
  const instances = new Map()
  /** By `instance/number`; the chat that was used last stands last. */
  const chats = new Map()
  const messages = new Map()
  let magicNumbers = []
  /** Changes that came while the view was on its way; it may be older than they are. */
  let early
  /** A view asked for before the stream opened may miss what happened in between: it is then read again. */
  let isStale = false
  let isLoaded = false

  const stream = new EventSource('/sandbox/stream')
  stream.addEventListener('open', () => {
    onLink(true)
    void load()
  })
  stream.addEventListener('error', () => onLink(false))
  stream.addEventListener('reload', () => void load())
  stream.addEventListener('changes', (event) => {
    const changes = JSON.parse(event.data)
    if (early !== undefined) early.push(...changes)
    else takeIn(changes)
  })

  void load()
  return { instances, chats, messages, magicNumbers: () => magicNumbers, isLoaded: () => isLoaded }

  async function load() {
    isStale = early !== undefined
    if (isStale) return
    early = []
    try {
      const response = await fetch('/sandbox/view')
      const view = await response.json()
      replaceAll(view)
      isLoaded = true
    } catch {
      // The server is gone; when the stream is back, so is this.
    }
    const changes = early
    early = undefined
    takeIn(changes)
    if (isStale) void load()
  }

  function replaceAll(view) {
    const unread = new Map([...chats].map(([key, chat]) => [key, chat.unread]))
    for (const map of [instances, chats, messages]) map.clear()
    for (const instance of view.instances) takeInstance(instance)
    for (const message of view.messages) addMessage(message)
    for (const [key, chat] of chats) chat.unread = unread.get(key) ?? 0
    magicNumbers = view.magicNumbers
  }

  function takeIn(changes) {
    for (const change of changes) {
      apply(change)
      onNews(change)
    }
    onChange()
  }

  function apply(change) {
    if (change.kind === 'message') addMessage({ ...change.message, fresh: true })
    if (change.kind === 'instance') takeInstance(change.instance)
    if (change.kind === 'removed') instances.delete(change.name)
    if (change.kind === 'presence') setPresence(change)
    const message = change.kind === 'status' ? messages.get(change.keyId) : undefined
    if (message !== undefined) message.status = change.status
  }

  function takeInstance(instance) {
    const known = instances.get(instance.name)
    const qrAt = known !== undefined && known.qr === instance.qr ? known.qrAt : Date.now()
    instances.set(instance.name, { ...instance, qrAt })
  }

  function setPresence(change) {
    const chat = chatOf(change)
    clearTimeout(chat.presenceTimer)
    chat.presence = change.state === 'paused' ? undefined : change.state
    if (chat.presence === undefined) return
    chat.presenceTimer = setTimeout(() => {
      chat.presence = undefined
      onChange()
    }, PRESENCE_MS_MAX)
  }

  function chatOf(message) {
    const key = chatKey(message)
    const known = chats.get(key)
    if (known !== undefined) return known
    const chat = { key, instance: message.instance, number: message.chat, messages: [], unread: 0 }
    chats.set(key, chat)
    return chat
  }

  function addMessage(message) {
    if (messages.has(message.keyId)) return
    messages.set(message.keyId, message)
    const chat = chatOf(message)
    const target = message.kind === 'reaction' ? messages.get(message.content.targetKeyId) : undefined
    if (target === undefined) chat.messages.push(message)
    else target.reactions = { ...target.reactions, [message.direction]: message.content.emoji }
    if (message.direction === 'out') chat.presence = undefined
    if (message.fresh && message.direction === 'out') chat.unread += 1
    if (chat.messages.length > MESSAGES_PER_CHAT_MAX) messages.delete(chat.messages.shift().keyId)
    chat.last = message
    chats.delete(chat.key)
    chats.set(chat.key, chat)
    if (messages.size > MESSAGES_MAX) forgetOldest()
  }

  function forgetOldest() {
    const [keyId, message] = messages.entries().next().value
    messages.delete(keyId)
    const chat = chats.get(chatKey(message))
    if (chat === undefined) return
    if (chat.messages[0] === message) chat.messages.shift()
    if (chat.messages.length === 0) chats.delete(chat.key)
  }
}

const MESSAGES_PER_CHAT_MAX = 300
const MESSAGES_MAX = 5_000
/** Longer than any delay a sender may ask for; a lost "paused" does not leave somebody typing for ever. */
const PRESENCE_MS_MAX = 70_000

export function chatKey({ instance, chat }) {
  return `${instance}/${chat}`
}
