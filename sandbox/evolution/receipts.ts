import type { InstanceRegistry } from './instances.ts'
import type { ChatMessage, MessageStatus } from './messages.ts'
import type { PhoneFeed } from './phone-feed.ts'
import type { Webhooks } from './webhooks.ts'

export type Receipts = Readonly<{
  /** Lets the message meet its fate: acknowledged and read, refused, or silence. */
  follow(message: ChatMessage): void
  stop(): void
}>

/** The recipient's side. Like the real server it skips SERVER_ACK and gives no reason for an ERROR. */
export function createReceipts(o: {
  instances: InstanceRegistry
  webhooks: Webhooks
  feed: PhoneFeed
  deliveredAfterMs: number
  readAfterMs: number
  onChange(): void
}): Receipts {
  let stopped = false
  return {
    follow(message) {
      if (message.fate === 'refused') schedule(message, 'ERROR', o.deliveredAfterMs)
      if (message.fate === 'read') {
        if (message.status === 'PENDING') schedule(message, 'DELIVERY_ACK', o.deliveredAfterMs)
        schedule(message, 'READ', o.readAfterMs)
      }
    },
    stop() {
      stopped = true
    },
  }

  function schedule(message: ChatMessage, status: MessageStatus, afterMs: number): void {
    setTimeout(() => {
      if (!stopped) update(message, status)
    }, afterMs).unref()
  }

  function update(message: ChatMessage, status: MessageStatus): void {
    message.status = status
    message.updates.push(status)
    o.feed.publish(() => ({ kind: 'status', keyId: message.keyId, status }))
    o.onChange()
    const instance = o.instances.get(message.instance)
    if (instance === undefined || instance.id !== message.instanceId) return
    o.webhooks.emit(instance, 'messages.update', {
      keyId: message.keyId,
      remoteJid: message.remoteJid,
      fromMe: true,
      status,
      instanceId: message.instanceId,
      messageId: message.messageId,
    })
  }
}
