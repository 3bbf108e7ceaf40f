/** What a canary's message is seen to reach, in this order. */
export type Stage = 'accepted' | 'sent' | 'delivered' | 'read'

/** What became of one message. `retryAfterMs`: nothing is sent before. */
export type Outcome = Readonly<{ messageId?: string } & ({ kind: 'arrived' } | Failure)>

type Failure = Readonly<
  | { kind: 'late'; status: string }
  | { kind: 'ended'; status: string }
  | { kind: 'refused'; httpStatus: number; code: string; retryAfterMs?: number }
  | { kind: 'unreachable'; err: unknown }
>

/** What the API said, or that it said nothing. */
export type Trouble = Extract<Failure, { kind: 'refused' | 'unreachable' }>

export type Messages = Readonly<{
  send(): Promise<Readonly<{ kind: 'accepted'; id: string }> | Trouble>
  /** `accepted` also while it is not in the ledger yet. */
  statusOf(id: string): Promise<Readonly<{ kind: 'status'; status: string }> | Trouble>
}>

const STAGES = ['sent', 'delivered', 'read'] as const
/** In which order a status follows another. */
const ORDER: readonly string[] = STAGES
const ENDS: ReadonlySet<string> = new Set(['failed', 'dead-lettered', 'unknown', 'cancelled'])
/** A message is looked at after a tenth of the time that it has taken so far, so that a figure is right to a tenth. */
const LOOK_MIN_MS = 200
const LOOK_MAX_MS = 5000

/** Sends one message and follows it until it is where it has to be, has ended otherwise, or is late. */
export async function followMessage({
  messages,
  until,
  patienceMs,
  onReached,
  now,
  wait,
}: Readonly<{
  messages: Messages
  until: (typeof STAGES)[number]
  patienceMs: number
  onReached(stage: Stage, seconds: number): void
  /** Monotonic, ms. */
  now(): number
  /** Throws when the service stops. */
  wait(ms: number): Promise<void>
}>): Promise<Outcome> {
  const startedAt = now()
  const sent = await messages.send()
  if (sent.kind !== 'accepted') return sent
  const { id: messageId } = sent
  onReached('accepted', (now() - startedAt) / 1000)
  let reached = 0
  for (;;) {
    const found = await messages.statusOf(messageId)
    const elapsedMs = now() - startedAt
    if (found.kind === 'status') {
      const stages = stagesOf(found.status)
      for (const stage of STAGES.slice(reached, stages)) onReached(stage, elapsedMs / 1000)
      reached = Math.max(reached, stages)
      if (stages > STAGES.indexOf(until)) return { kind: 'arrived', messageId }
      if (ENDS.has(found.status)) return { kind: 'ended', status: found.status, messageId }
    }
    if (elapsedMs >= patienceMs) {
      return found.kind === 'status' ? { kind: 'late', status: found.status, messageId } : { ...found, messageId }
    }
    await wait(pauseOf(found, elapsedMs, patienceMs))
  }
}

/** How many of the stages a message with this status has behind it. */
function stagesOf(status: string): number {
  return ORDER.indexOf(status) + 1
}

function pauseOf(found: Awaited<ReturnType<Messages['statusOf']>>, elapsedMs: number, patienceMs: number): number {
  const look = Math.min(Math.max(elapsedMs / 10, LOOK_MIN_MS), LOOK_MAX_MS)
  const asked = found.kind === 'refused' ? (found.retryAfterMs ?? 0) : 0
  // The last look is at the end of its time, whatever was asked for.
  return Math.min(Math.max(look, asked), patienceMs - elapsedMs)
}
