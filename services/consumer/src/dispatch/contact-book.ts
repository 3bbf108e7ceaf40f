import type { Contact, ContactSend, Contacts } from '@whatsapp-sender/store'
import { createBatchWriter } from '../batch-writer.ts'

/** Contacts remembered for all instances together; others are asked for again. */
const REMEMBERED_MAX = 50_000
const ASKED_AT_ONCE = 500
const GATHER_MS = 5
const RETRY_MS = 500

const STRANGER: Contact = { firstSentAt: undefined, lastSentAt: undefined, remoteJid: undefined }

/** Whom instances have written to, as far as that is in memory. */
export type ContactBook = Readonly<{
  /** Undefined: not known here; `ask`. */
  get(instanceId: string, number: string): Contact | undefined
  /** Calls back once `get` knows; of several who ask about the same number, only the last. */
  ask(instanceId: string, number: string, told: () => void): void
  /** Known here at once; returns when the database has it. */
  record(send: ContactSend): Promise<void>
  /** What is known of this instance's strangers may have changed elsewhere. */
  forget(instanceId: string): void
}>

export function createContactBook({
  contacts,
  onError,
}: Readonly<{ contacts: Pick<Contacts, 'find' | 'record'>; onError(error: unknown): void }>): ContactBook {
  const remembered = new Map<string, Contact>()
  /** By instance and number, who wants to know: the last to ask, so never more than there are lanes in memory. */
  const asked = new Map<string, Map<string, () => void>>()
  let isAsking = false

  const remember = (instanceId: string, number: string, contact: Contact): void => {
    const key = keyOf(instanceId, number)
    remembered.delete(key)
    remembered.set(key, contact)
    if (remembered.size <= REMEMBERED_MAX) return
    const [oldest] = remembered.keys()
    if (oldest !== undefined) remembered.delete(oldest)
  }

  const askAll = async (): Promise<void> => {
    while (asked.size > 0) {
      const [entry] = asked
      if (entry === undefined) break
      const [instanceId, wanted] = entry
      asked.delete(instanceId)
      await askOne(instanceId, wanted)
    }
    isAsking = false
  }

  const askOne = async (instanceId: string, wanted: Map<string, () => void>): Promise<void> => {
    const numbers = [...wanted.keys()]
    for (let from = 0; from < numbers.length; from += ASKED_AT_ONCE) {
      const some = numbers.slice(from, from + ASKED_AT_ONCE)
      const found = await untilFound(instanceId, some)
      for (const number of some) {
        // A send that was recorded while the question was under way knows better.
        if (!remembered.has(keyOf(instanceId, number))) remember(instanceId, number, found.get(number) ?? STRANGER)
        wanted.get(number)?.()
      }
    }
  }

  const untilFound = async (instanceId: string, numbers: readonly string[]): Promise<ReadonlyMap<string, Contact>> => {
    for (;;) {
      try {
        return await contacts.find(instanceId, numbers)
      } catch (error) {
        onError(error)
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS).unref())
      }
    }
  }

  const writer = createBatchWriter<ContactSend, true>({
    batchMax: ASKED_AT_ONCE,
    gatherMs: GATHER_MS,
    writeAll: async (sends) => {
      await contacts.record(sends)
      return sends.map(() => true)
    },
  })

  return {
    get: (instanceId, number) => remembered.get(keyOf(instanceId, number)),
    ask: (instanceId, number, told) => {
      const ofInstance = asked.get(instanceId) ?? new Map<string, () => void>()
      asked.set(instanceId, ofInstance.set(number, told))
      if (isAsking) return
      isAsking = true
      setImmediate(() => void askAll())
    },
    record: async (send) => {
      const { instanceId, number, at, remoteJid } = send
      const known = remembered.get(keyOf(instanceId, number))
      remember(instanceId, number, {
        firstSentAt: known?.firstSentAt ?? at,
        lastSentAt: Math.max(known?.lastSentAt ?? 0, at),
        remoteJid: remoteJid ?? known?.remoteJid,
      })
      try {
        await writer.write(send)
      } catch (error) {
        // Without it a gap or a budget would be broken by the next owner only: the message's own outcome matters more.
        onError(error)
      }
    },
    forget: (instanceId) => {
      for (const key of remembered.keys()) if (key.startsWith(`${instanceId}/`)) remembered.delete(key)
    },
  }
}

function keyOf(instanceId: string, number: string): string {
  return `${instanceId}/${number}`
}
