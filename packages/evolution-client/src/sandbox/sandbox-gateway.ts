import { setTimeout as wait } from 'node:timers/promises'
import { failureWithoutAnswer } from '../classify.ts'
import type { EvolutionClient } from '../client.ts'
import { NO_CONNECTIONS } from '../undici-adapter.ts'
import { createSandboxReceipts, newKeyId, type SandboxReceipt, wordsAbout } from './sandbox-receipts.ts'
import { createSandboxRecipients } from './sandbox-recipients.ts'

/** As long as a fast phone takes: an instance sends two at once, so 40 a second at most. */
const SEND_TAKES_MS = 50

const OPEN = { state: 'open' } as const
const DONE = { done: true } as const

/**
 * Stands for an Evolution server whose instances reach no phone: all of them are connected, messages are taken and told
 * to be delivered and read, and the last four digits of a recipient choose what goes wrong. It keeps nothing.
 * @param o.onReceipts what Evolution's webhook would have told
 */
export function createSandboxGateway(o: {
  onReceipts?: ((receipts: readonly SandboxReceipt[]) => void) | undefined
  now?: () => number
}): EvolutionClient {
  const { now = Date.now } = o
  const recipients = createSandboxRecipients()
  const receipts = createSandboxReceipts({ tell: (told) => o.onReceipts?.(told), now })

  return {
    send: async ({ instance, number, message, delayMs = 0, mayStart }) => {
      if (mayStart?.() === false) return { kind: 'failed', failure: failureWithoutAnswer('started-too-late') }
      await wait(SEND_TAKES_MS + delayMs)
      const met = recipients.meet({ instance, number, hasFile: 'media' in message.content })
      if (typeof met !== 'string') return { kind: 'failed', failure: met }
      const providerMessageId = newKeyId(met, now())
      receipts.expect(instance, providerMessageId, met)
      return { kind: 'sent', providerMessageId, remoteJid: jidOf(number) }
    },
    connectionState: async () => OPEN,
    createInstance: async ({ token }) => ({ token, evolutionId: undefined, ...OPEN }),
    connect: async () => OPEN,
    restart: async () => OPEN,
    logout: async () => DONE,
    deleteInstance: async () => DONE,
    setWebhook: async () => DONE,
    unsetWebhook: async () => DONE,
    findWebhook: async () => ({ webhook: undefined }),
    fetchInstance: async () => ({ instance: undefined }),
    whatsappNumbers: async ({ numbers }) => ({
      numbers: numbers.map((number) => ({ number, jid: jidOf(number), exists: recipients.exists(number) })),
    }),
    findStatus: async ({ providerMessageId }) => ({ statuses: wordsAbout(providerMessageId, now()) }),
    welcome: async () => ({ version: undefined }),
    connections: () => NO_CONNECTIONS,
    close: async () => receipts.stop(),
    abandon: async () => receipts.stop(),
  }
}

function jidOf(number: string): string {
  return number.includes('@') ? number : `${number}@s.whatsapp.net`
}
