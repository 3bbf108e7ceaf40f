import { ApiError, type Client, createClient } from '@whatsapp-sender/client'
import { callApi } from './call-api.ts'
import { createCallPace } from './call-pace.ts'

/** What is asked of the API: the label of its metric. */
export const API_CALLS = [
  'list',
  'find',
  'create',
  'take-over',
  'give',
  'change',
  'connect',
  'log-out',
  'delete',
  'release',
] as const
export type ApiCall = (typeof API_CALLS)[number]

/**
 * The API of one WhatsAppSender, as its operator.
 *
 * A call that gets no answer closes the way for all others, so that they fail at once instead of waiting too, until a probe
 * gets one. Calls have a rate that the API bears besides its work, whatever there is to do.
 */
export type SenderApi = Readonly<{
  /** @throws {SenderUnavailableError} when there was no answer; {ApiError} for one that is no success */
  call<T>(call: ApiCall, ask: (client: Client, signal: AbortSignal) => Promise<T>): Promise<T>
  /** As `call`, and though the way is closed. */
  probe<T>(call: ApiCall, ask: (client: Client, signal: AbortSignal) => Promise<T>): Promise<T>
  /** Since when there has been no answer, of the monotonic clock; undefined: there was one. */
  downSince(): number | undefined
}>

/** Why the API cannot be asked. Waiting helps: somebody makes the sender, or its pods start. */
export type Unavailable = Readonly<{
  reason: 'SenderMissing' | 'SenderNotReady' | 'ApiUnreachable' | 'TokenRefused'
  message: string
}>

export class SenderUnavailableError extends Error {
  override readonly name = 'SenderUnavailableError'
  readonly code = 'sender-unavailable'
  readonly reason: Unavailable['reason']

  constructor({ reason, message }: Unavailable, cause?: unknown) {
    super(message, { cause })
    this.reason = reason
  }
}

/** Where the API is, and how it knows us; or why not. */
export type FindApi = () => Promise<Readonly<{ baseUrl: string; token: string }> | Unavailable>

/** Evolution API is given 30 s within one request of the API. */
const TIMEOUT_MS = 40_000
const PROBE_TIMEOUT_MS = 10_000
const TOKEN_KEPT_MS = 60_000
const CALLS = { perSecond: 40, burst: 80 }

export function createSenderApi({
  find,
  unreachable,
  onCalled,
  onAnswering,
  now = () => performance.now(),
}: Readonly<{
  find: FindApi
  /** What to say when there was no answer. */
  unreachable(): Unavailable
  onCalled(call: ApiCall, result: 'done' | 'refused' | 'failed'): void
  /** There is an answer again. */
  onAnswering(): void
  /** Monotonic, ms. */
  now?(): number
}>): SenderApi {
  const pace = createCallPace({ ...CALLS, now })
  let known: Readonly<{ client: Client; foundAt: number }> | undefined
  let down: Readonly<{ since: number; why: Unavailable }> | undefined

  async function clientNow(): Promise<Client> {
    if (known !== undefined && now() - known.foundAt < TOKEN_KEPT_MS) return known.client
    const found = await find()
    if ('reason' in found) throw new SenderUnavailableError(found)
    known = { client: createClient({ ...found, fetch: callApi }), foundAt: now() }
    return known.client
  }

  function close(why: Unavailable, cause?: unknown): SenderUnavailableError {
    down = { since: down?.since ?? now(), why }
    return new SenderUnavailableError(why, cause)
  }

  async function attempt<T>(call: ApiCall, ask: () => Promise<T>): Promise<T> {
    try {
      const answer = await ask()
      onCalled(call, 'done')
      open()
      return answer
    } catch (error) {
      const isAnswer = error instanceof ApiError && error.code !== 'no-problem'
      onCalled(call, isAnswer && error.status < 500 ? 'refused' : 'failed')
      if (!isAnswer) throw close(unreachable(), error)
      if (error.status !== 401) open()
      throw error
    }
  }

  function open(): void {
    if (down === undefined) return
    down = undefined
    onAnswering()
  }

  async function ask<T>(
    call: ApiCall,
    request: (client: Client, signal: AbortSignal) => Promise<T>,
    timeoutMs: number,
  ): Promise<T> {
    await pace()
    for (let isAgain = false; ; isAgain = true) {
      const client = await clientNow()
      try {
        return await attempt(call, () => request(client, AbortSignal.timeout(timeoutMs)))
      } catch (error) {
        if (!(error instanceof ApiError) || error.status !== 401) throw error
        // The token may have been changed since it was read.
        known = undefined
        if (isAgain) throw close(TOKEN_REFUSED, error)
      }
    }
  }

  return {
    call: async (call, request) => {
      if (down !== undefined) throw new SenderUnavailableError(down.why)
      return await ask(call, request, TIMEOUT_MS)
    },
    probe: (call, request) => ask(call, request, PROBE_TIMEOUT_MS),
    downSince: () => down?.since,
  }
}

const TOKEN_REFUSED: Unavailable = {
  reason: 'TokenRefused',
  message: 'The API refuses the OPERATOR_TOKEN of its Secret: its pods may run with one from before.',
}
