import type { IncomingMessage } from 'node:http'
import { z } from 'zod'
import type { Connections } from '../connections.ts'
import { EventOrder, type EventOrders } from '../event-orders.ts'
import type { Answer } from '../http/answer.ts'
import { decodeSegment } from '../http/decode-segment.ts'
import { answerByBody } from '../http/request-body.ts'
import type { EvolutionInstance, InstanceRegistry } from '../instances.ts'
import type { Journal } from '../journal.ts'
import { magicNumbers } from '../magic-numbers.ts'
import type { MediaStore } from '../media/media-store.ts'
import type { Messages } from '../messages.ts'
import { instanceView, messageView } from '../phone-view.ts'
import { Program, type Programs } from '../programs.ts'
import type { JournalEntry } from '../send/hand-over.ts'
import type { RequestEntry } from '../send/send-routes.ts'
import type { Surroundings } from '../surroundings.ts'

export type SandboxRouteParts = Readonly<{
  instances: InstanceRegistry
  connections: Connections
  surroundings: Surroundings
  programs: Programs
  eventOrders: EventOrders
  messages: Messages
  media: MediaStore
  journal: Journal<JournalEntry>
  requests: Journal<RequestEntry>
  reply(instance: EvolutionInstance, body: unknown): Answer
  stats(): Readonly<Record<string, unknown>>
  resetPeak(): void
}>

const VIEW_MESSAGES = 1_000
const PAGE_MAX = 10_000

const ORDERS = new Set(['instances', 'database', 'whatsapp', 'key'])

const DatabaseOrder = z.strictObject({ down: z.boolean() })
const WhatsAppOrder = z.strictObject({ reach: z.enum(['answers', 'refused', 'black-hole']) })
const KeyOrder = z.strictObject({ key: z.string().min(1) })
const StateChange = z.strictObject({ state: z.enum(['open', 'connecting', 'close', 'loading']) })

/** What the real server does not have: the journals, the programmes of tests, and what the phone page needs. */
export function createSandboxRoutes(parts: SandboxRouteParts) {
  return async (req: IncomingMessage, url: URL): Promise<Answer> => {
    const [, , folder = '', name = '', verb = ''] = url.pathname.split('/')
    switch (`${req.method} ${folder}`) {
      case 'GET messages':
        return page(parts.journal, url.searchParams)
      case 'GET requests':
        return page(parts.requests, url.searchParams)
      case 'GET stats':
        return { status: 200, body: parts.stats() }
      case 'GET view':
        return { status: 200, body: phoneView() }
      case 'DELETE stats':
        parts.resetPeak()
        return { status: 200, body: parts.stats() }
    }
    if (req.method !== 'POST' || !ORDERS.has(folder)) return problem(404, 'No such page of the sandbox')
    return answerByBody(req, ({ body }) => order([folder, decodeSegment(name) ?? '', verb], body))
  }

  function order([folder, name, verb]: [string, string, string], body: unknown): Answer {
    if (folder === 'instances') return changeInstance(name, verb, body)
    const change = orderOf(folder).safeParse(body)
    if (!change.success) return problem(400, z.prettifyError(change.error))
    const { surroundings } = parts
    if ('down' in change.data) surroundings.databaseIsDown = change.data.down
    else if ('reach' in change.data) surroundings.whatsApp = change.data.reach
    else surroundings.globalKey = change.data.key
    const { databaseIsDown, whatsApp } = surroundings
    return { status: 200, body: { databaseIsDown, whatsApp } }
  }

  function phoneView() {
    return {
      instances: parts.instances.all().map(instanceView),
      messages: parts.messages.recent(VIEW_MESSAGES).map((message) => messageView(message, parts.media)),
      magicNumbers,
    }
  }

  function changeInstance(name: string, verb: string, body: unknown): Answer {
    if (verb === 'program') return setProgram(name, body)
    if (verb === 'events') return setEvents(name, body)
    const instance = parts.instances.get(name)
    if (instance === undefined) return problem(404, `No instance "${name}"`)
    if (verb === 'scan') return changeState(instance, { state: 'open' })
    if (verb === 'replies') return parts.reply(instance, body)
    return verb === 'state' ? changeState(instance, body) : problem(404, 'scan, state, replies, events or program')
  }

  function changeState(instance: EvolutionInstance, body: unknown): Answer {
    const change = StateChange.safeParse(body)
    if (!change.success) return problem(400, z.prettifyError(change.error))
    if (change.data.state === 'open') parts.connections.open(instance)
    else if (change.data.state === 'connecting') parts.connections.markConnecting(instance)
    else if (change.data.state === 'loading') parts.connections.markLoading(instance)
    else parts.connections.logOut(instance)
    return { status: 200, body: instanceView(instance) }
  }

  function setEvents(name: string, body: unknown): Answer {
    const order = EventOrder.safeParse(body)
    if (!order.success) return problem(400, z.prettifyError(order.error))
    parts.eventOrders.set(name, order.data)
    return { status: 200, body: order.data }
  }

  function setProgram(name: string, body: unknown): Answer {
    const program = Program.safeParse(body)
    if (!program.success) return problem(400, z.prettifyError(program.error))
    parts.programs.set(name, program.data)
    return { status: 200, body: program.data }
  }
}

function orderOf(folder: string) {
  if (folder === 'database') return DatabaseOrder
  return folder === 'key' ? KeyOrder : WhatsAppOrder
}

function page<T>(journal: Journal<T>, query: URLSearchParams): Answer {
  const since = wholeNumber(query.get('since'), 0)
  const limit = wholeNumber(query.get('limit'), 1_000)
  if (since === undefined || limit === undefined) return problem(400, 'since and limit are whole numbers')
  return { status: 200, body: journal.since(since, Math.min(limit, PAGE_MAX)) }
}

function wholeNumber(text: string | null, fallback: number): number | undefined {
  if (text === null) return fallback
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined
}

function problem(status: number, message: string): Answer {
  return { status, body: { status, message } }
}
