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
  return { instances, chats, messages, magicNumbers: () => magicNumbers }

  async function load() {
    isStale = early !== undefined
    if (isStale) return
    early = []
    try {
      const response = await fetch('/sandbox/view')
      const view = await response.json()
      for (const map of [instances, chats, messages]) map.clear()
      for (const instance of view.instances) instances.set(instance.name, instance)
      for (const message of view.messages) addMessage(message)
      magicNumbers = view.magicNumbers
    } catch {
      // The server is gone; when the stream is back, so is this.
    }
    const changes = early
    early = undefined
    takeIn(changes)
    if (isStale) void load()
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
    if (change.kind === 'instance') instances.set(change.instance.name, change.instance)
    if (change.kind === 'removed') instances.delete(change.name)
    const message = change.kind === 'status' ? messages.get(change.keyId) : undefined
    if (message !== undefined) message.status = change.status
  }

  function addMessage(message) {
    if (messages.has(message.keyId)) return
    messages.set(message.keyId, message)
    const key = chatKey(message)
    const chat = chats.get(key) ?? { key, instance: message.instance, number: message.chat, messages: [] }
    chat.messages.push(message)
    if (chat.messages.length > MESSAGES_PER_CHAT_MAX) messages.delete(chat.messages.shift().keyId)
    chat.last = message
    chats.delete(key)
    chats.set(key, chat)
  }
}

const MESSAGES_PER_CHAT_MAX = 300

export function chatKey({ instance, chat }) {
  return `${instance}/${chat}`
}
