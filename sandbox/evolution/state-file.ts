import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { type Connection, type EvolutionInstance, type InstanceRegistry, integrations } from './instances.ts'
import type { ChatMessage, Messages } from './messages.ts'
import { MessageContent } from './send/message-content.ts'

export type StateFile = Readonly<{
  /** Something worth keeping changed: it is written within a second. */
  touch: () => void
  /** Fills the registries with what the last run kept; gives the messages back, for some receipts are still due. */
  load(): Promise<ChatMessage[]>
  save(): Promise<void>
}>

const WRITE_AFTER_MS = 1_000

const Webhook = z.object({
  id: z.string(),
  url: z.string(),
  headers: z.record(z.string(), z.string()).nullable(),
  enabled: z.boolean(),
  events: z.array(z.string()),
  webhookByEvents: z.boolean(),
  webhookBase64: z.boolean(),
  createdAt: z.string(),
  updatedAt: z.string(),
  instanceId: z.string(),
})

const Instance = z.object({
  name: z.string(),
  id: z.string(),
  integration: z.enum(integrations),
  token: z.string(),
  number: z.string().nullable(),
  businessId: z.string().nullable().default(null),
  createdAt: z.string(),
  updatedAt: z.string(),
  // A pairing does not outlive the process that drew its code.
  connection: z
    .enum(['open', 'close', 'connecting', 'loading'])
    .transform((state) => (state === 'open' ? state : 'close')),
  hasSocket: z.boolean(),
  ownerJid: z.string().nullable(),
  disconnection: z.object({ at: z.string(), reasonCode: z.number(), object: z.string() }).optional(),
  webhook: Webhook.optional(),
  settings: z.record(z.string(), z.unknown()),
})

const Status = z.enum(['PENDING', 'DELIVERY_ACK', 'READ', 'ERROR'])

const Message = MessageContent.and(
  z.object({
    keyId: z.string(),
    messageId: z.string(),
    instance: z.string(),
    instanceId: z.string(),
    remoteJid: z.string(),
    number: z.string(),
    direction: z.enum(['out', 'in']),
    quoted: z.object({ keyId: z.string(), text: z.string() }).optional(),
    at: z.number(),
    fate: z.enum(['read', 'refused', 'silent']),
    status: Status,
    updates: z.array(Status),
  }),
)

/** Instances are worth keeping even if another version wrote the messages in a way of its own. */
const State = z.object({ instances: z.array(Instance), messages: z.array(Message).catch([]) })

/** Instances and the newest messages in one JSON file, replaced as a whole so that a crash leaves the old one. */
export function createStateFile(o: {
  stateDir: string | undefined
  instances: InstanceRegistry
  messages: Messages
}): StateFile {
  const { stateDir } = o
  if (stateDir === undefined) return { touch: () => undefined, load: async () => [], save: async () => undefined }
  const path = join(stateDir, 'evolution.json')
  let timer: NodeJS.Timeout | undefined
  let writing = Promise.resolve()

  return {
    touch() {
      timer ??= setTimeout(() => {
        timer = undefined
        // The disk may be full: the next change tries again, and a stop tells.
        write().catch(() => undefined)
      }, WRITE_AFTER_MS).unref()
    },
    async load() {
      await mkdir(stateDir, { recursive: true })
      const kept = await readKept(path)
      if (kept === undefined) return []
      for (const instance of kept.instances) {
        o.instances.restore({
          ...instance,
          disconnection: instance.disconnection,
          webhook: instance.webhook,
          qrCode: undefined,
          turn: Promise.resolve(),
        })
      }
      for (const message of kept.messages) o.messages.add(message)
      return kept.messages.filter(({ status }) => status === 'PENDING' || status === 'DELIVERY_ACK')
    },
    save() {
      clearTimeout(timer)
      timer = undefined
      return write()
    },
  }

  function write(): Promise<void> {
    writing = writing.catch(() => undefined).then(replaceFile)
    return writing
  }

  async function replaceFile(): Promise<void> {
    const instances = o.instances
      .all()
      .filter(({ connection }) => connection !== 'gone')
      .map(({ turn: _turn, qrCode: _qrCode, ...kept }) => ({ ...kept, connection: keptAs(kept) }))
    await writeFile(`${path}.new`, JSON.stringify({ instances, messages: o.messages.recent(MESSAGES_KEPT) }))
    await rename(`${path}.new`, path)
  }
}

/** Undefined before the first run. What is there and cannot be read is not replaced: it may be worth saving. */
async function readKept(path: string): Promise<z.infer<typeof State> | undefined> {
  try {
    return State.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined
    throw new Error(`${path} is not a state that can be read; move it away to begin anew.`, { cause })
  }
}

const MESSAGES_KEPT = 5_000

/** Stopped while it loaded, an instance still has its login. */
function keptAs({ connection, hasSocket }: Pick<EvolutionInstance, 'connection' | 'hasSocket'>): Connection {
  return connection === 'loading' && hasSocket ? 'open' : connection
}
