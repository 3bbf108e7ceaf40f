import { setTimeout as wait } from 'node:timers/promises'
import type { Client } from '../support/client.ts'
import type { Call, Policy } from './history.ts'

export type Account = Readonly<{ id: string; client: Client }>
export type Lane = Readonly<{ account: Account; instance: string; to: string }>

export type LoadOptions = Readonly<{
  lanes: readonly Lane[]
  /** Over all lanes. */
  messages: number
  /** Begins each text, which has to be unique in the run. */
  name: string
  policy: Policy
  /** The pause of each caller between an answer and his next message. */
  everyMs?: number
  /** Each message has an idempotency key, and is repeated under it until it is accepted. */
  keys?: boolean
}>

/** Callers at work: one for each lane, who waits for each answer before the next message. */
export type Load = Readonly<{
  done: Promise<readonly Call[]>
  /** Ends it after the calls that are open. */
  stop(): Promise<readonly Call[]>
}>

const REPEAT_AFTER_MS = 250
const REPEATS_MAX = 400

/** Posts messages over lanes in turn, and writes each call down before it is made and after it ended. */
export function startLoad(options: LoadOptions, note: (call: Call) => void): Load {
  const { lanes, messages, name } = options
  const stopping = new AbortController()
  const calls: Call[] = []
  const done = Promise.all(lanes.map((lane, at) => postLane(lane, at))).then(() => calls)
  return {
    done,
    stop: () => {
      stopping.abort()
      return done
    },
  }

  async function postLane(lane: Lane, at: number): Promise<void> {
    for (let n = at; n < messages && !stopping.signal.aborted; n += lanes.length) {
      await postUntilTaken(lane, `${name}-${n}`)
      if (options.everyMs !== undefined) await wait(options.everyMs)
    }
  }

  async function postUntilTaken(lane: Lane, text: string): Promise<void> {
    for (let n = 0; n < REPEATS_MAX; n++) {
      const call = await postOnce({ lane, text, policy: options.policy, ...(options.keys && { key: text }) })
      calls.push(call)
      note(call)
      if (call.result === 'ok' || options.keys !== true || stopping.signal.aborted) return
      await wait(REPEAT_AFTER_MS)
    }
  }
}

/** One call, from its invocation to whatever came back. */
export async function postOnce(o: Readonly<{ lane: Lane; text: string; policy: Policy; key?: string }>): Promise<Call> {
  const { lane, text, policy, key } = o
  const invokedAt = Date.now()
  const { status, id, result } = await outcomeOf(
    lane.account.client.send(lane.instance, lane.to, text, { onAmbiguous: policy, ...(key !== undefined && { key }) }),
  )
  return {
    text,
    user: lane.account.id,
    instance: lane.instance,
    to: lane.to.replace('+', ''),
    policy,
    ...(key !== undefined && { key }),
    invokedAt,
    endedAt: Date.now(),
    result,
    status,
    id,
  }
}

async function outcomeOf(answering: ReturnType<Client['send']>): Promise<Pick<Call, 'status' | 'id' | 'result'>> {
  try {
    const { status, body } = await answering
    if (status === 202) return { status, id: body.id, result: 'ok' }
    // Every other refusal says that nothing was accepted.
    const refused = status < 500 || body.code === 'unavailable' || body.code === 'overloaded'
    return { status, id: refused ? undefined : body.id, result: refused ? 'failed' : 'unknown' }
  } catch {
    return { status: undefined, id: undefined, result: 'unknown' }
  }
}

/** `recipients` numbers for each of the instances. */
export function lanesOf(account: Account, instances: readonly string[], recipients: number): Lane[] {
  return instances.flatMap((instance, at) =>
    Array.from({ length: recipients }, (_, n) => ({
      account,
      instance,
      // Digits that end in 1000 and above keep clear of the sandbox's magic numbers.
      to: `+551197${String(100 + at).padStart(3, '0')}${String(1000 + n)}`,
    })),
  )
}
