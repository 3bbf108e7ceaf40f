import type { IncomingMessage } from 'node:http'
import { z } from 'zod'
import type { Connections } from '../connections.ts'
import type { JournalEntry } from '../hand-over.ts'
import type { Answer } from '../http/answer.ts'
import { decodeSegment } from '../http/decode-segment.ts'
import { readRequestBody } from '../http/request-body.ts'
import type { EvolutionInstance, InstanceRegistry } from '../instances.ts'
import type { Journal } from '../journal.ts'
import { magicNumbers } from '../magic-numbers.ts'
import type { Messages } from '../messages.ts'
import { instanceView, messageView } from '../phone-view.ts'
import { Program, type Programs } from '../programs.ts'
import type { RequestEntry } from '../send-text.ts'

export type SandboxRouteParts = Readonly<{
  instances: InstanceRegistry
  connections: Connections
  programs: Programs
  messages: Messages
  journal: Journal<JournalEntry>
  requests: Journal<RequestEntry>
  stats(): Readonly<Record<string, unknown>>
  resetPeak(): void
}>

const VIEW_MESSAGES = 1_000
const PAGE_MAX = 10_000

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
      case 'POST instances':
        return changeInstance(decodeSegment(name) ?? '', verb, req)
      default:
        return problem(404, 'No such page of the sandbox')
    }
  }

  function phoneView() {
    return {
      instances: parts.instances.all().map(instanceView),
      messages: parts.messages.recent(VIEW_MESSAGES).map(messageView),
      magicNumbers,
    }
  }

  async function changeInstance(name: string, verb: string, req: IncomingMessage): Promise<Answer> {
    const read = await readRequestBody(req)
    if (read.kind === 'refused') return read.answer
    if (verb === 'program') return setProgram(name, read.body)
    const instance = parts.instances.get(name)
    if (instance === undefined) return problem(404, `No instance "${name}"`)
    if (verb === 'scan') return changeState(instance, { state: 'open' })
    return verb === 'state' ? changeState(instance, read.body) : problem(404, 'scan, state or program')
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

  function setProgram(name: string, body: unknown): Answer {
    const program = Program.safeParse(body)
    if (!program.success) return problem(400, z.prettifyError(program.error))
    parts.programs.set(name, program.data)
    return { status: 200, body: program.data }
  }
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
