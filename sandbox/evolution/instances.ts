import { randomUUID } from 'node:crypto'
import { randomBytes } from './random-bytes.ts'

/**
 * Where an instance stands with WhatsApp. `loading` (the server boots) and `gone` (it is being deleted): the guard
 * finds it in the database, but it is not in memory and has no state to tell.
 */
export type Connection = 'close' | 'connecting' | 'open' | 'loading' | 'gone'

export type Webhook = Readonly<{
  id: string
  url: string
  headers: Readonly<Record<string, string>> | null
  enabled: boolean
  events: readonly string[]
  webhookByEvents: boolean
  webhookBase64: boolean
  createdAt: string
  updatedAt: string
  instanceId: string
}>

export type QrCode = Readonly<{ pairingCode: string | null; code: string; base64: string; count: number }>

/** Before WhatsApp has answered there is a count and nothing to count. */
export const noCodeYet = { count: 0 } as const

export type Disconnection = Readonly<{ at: string; reasonCode: number; object: string }>

export const integrations = ['WHATSAPP-BAILEYS', 'WHATSAPP-BUSINESS', 'EVOLUTION'] as const
export type Integration = (typeof integrations)[number]

/** One WhatsApp login, as the server keeps it. Changed only through `connection.ts` and the routes. */
export type EvolutionInstance = {
  readonly name: string
  readonly id: string
  readonly integration: Integration
  readonly token: string
  readonly number: string | null
  /** The Business channel's account. */
  readonly businessId: string | null
  readonly createdAt: string
  updatedAt: string
  connection: Connection
  /** False until the first connect: then there is not even a closed socket to speak of. */
  hasSocket: boolean
  ownerJid: string | null
  disconnection: Disconnection | undefined
  webhook: Webhook | undefined
  qrCode: QrCode | undefined
  settings: Readonly<Record<string, unknown>>
  /** Ends when the sends that were begun have left: sends through one instance take turns. */
  turn: Promise<void>
}

export type InstanceRegistry = Readonly<{
  create(o: NewInstance): EvolutionInstance
  get(name: string): EvolutionInstance | undefined
  all(): EvolutionInstance[]
  restore(instance: EvolutionInstance): void
  remove(name: string): void
}>

export type NewInstance = Readonly<{
  name: string
  integration: Integration
  token: string | undefined
  number: string | null
  businessId: string | null
  settings: Readonly<Record<string, unknown>>
}>

export function createInstanceRegistry(): InstanceRegistry {
  const byName = new Map<string, EvolutionInstance>()
  return {
    create(o) {
      const instance = newInstance(o)
      byName.set(o.name, instance)
      return instance
    },
    get: (name) => byName.get(name),
    all: () => [...byName.values()],
    restore: (instance) => void byName.set(instance.name, instance),
    remove: (name) => void byName.delete(name),
  }
}

function newInstance(o: NewInstance): EvolutionInstance {
  const now = new Date().toISOString()
  return {
    ...o,
    id: randomUUID(),
    token: o.token ?? randomUUID().toUpperCase(),
    createdAt: now,
    updatedAt: now,
    // Only the Baileys channel keeps a login of its own.
    connection: o.integration === 'WHATSAPP-BAILEYS' ? 'close' : 'open',
    hasSocket: false,
    ownerJid: null,
    disconnection: undefined,
    webhook: undefined,
    qrCode: undefined,
    turn: Promise.resolve(),
  }
}

/** What the routes act on when the server knows no such name: nothing in memory, as while it boots. */
export function absentInstance(name: string): EvolutionInstance {
  const nothing = { token: undefined, number: null, businessId: null, settings: {} }
  return { ...newInstance({ ...nothing, name, integration: 'WHATSAPP-BAILEYS' }), connection: 'loading' }
}

export function isInMemory({ connection }: EvolutionInstance): boolean {
  return connection !== 'loading' && connection !== 'gone'
}

/** The number a simulated phone answers to: the one given, or one made from the name so that it stays the same. */
export function ownerJidOf(instance: EvolutionInstance): string {
  let sum = 0
  for (const character of instance.name) {
    sum = (sum * 31 + character.charCodeAt(0)) % 100_000_000
  }
  return `${instance.number ?? `55119${String(sum).padStart(8, '0')}`}@s.whatsapp.net`
}

/** A database id of the look the real server's have. */
export function newCuid(): string {
  let id = 'c'
  for (const byte of randomBytes(24)) id += BASE_36.charAt(byte % 36)
  return id
}

const BASE_36 = '0123456789abcdefghijklmnopqrstuvwxyz'
