import assert from 'node:assert/strict'
import { setTimeout as wait } from 'node:timers/promises'
import { until } from '@whatsapp-sender/sandbox/process/until'
import type { Client } from '../../support/client.ts'
import { type Lane, laneOf, lanesOf, type Posted } from '../../support/load.ts'
import type { Installation } from './installation.ts'

const REPEATS_MAX = 10
const REPEAT_AFTER_MS = 200
const ENDED_MS_MAX = 300_000

/** With how often it had to be repeated. */
type PostedAgain = Posted & Readonly<{ repeats?: number }>

export type SteadyLoad = Readonly<{
  /** Until so many more were answered. */
  flows(count: number): Promise<void>
  /** Ends the load and answers what was posted. */
  stop(): Promise<readonly PostedAgain[]>
}>

/** One caller per lane, each with one request open at most: `perSecond` messages over all lanes, if they are answered. */
export function startSteadyLoad(
  client: Client,
  o: Readonly<{ instances: readonly string[]; recipients: number; perSecond: number; name: string }>,
): SteadyLoad {
  const lanes = lanesOf(o.instances, o.recipients)
  const everyMs = (lanes.length / o.perSecond) * 1000
  const posted: PostedAgain[] = []
  const stopped = new AbortController()
  const callers = lanes.map(async (lane, at) => {
    for (let n = 0; !stopped.signal.aborted; n++) {
      const due = wait(everyMs, undefined, { signal: stopped.signal }).catch(() => undefined)
      posted.push(await postRepeating(client, lane, `${o.name}-${at}-${n}`))
      await due
    }
  })
  return {
    async flows(count) {
      const wanted = posted.length + count
      await until(`${count} more are answered`, () => posted.length >= wanted || undefined)
    },
    async stop() {
      stopped.abort()
      await Promise.all(callers)
      return posted
    },
  }
}

/** As a client is told to: what is cut off, or answered 5xx, is posted again under the same key. */
async function postRepeating(client: Client, { instance, to }: Lane, text: string): Promise<PostedAgain> {
  for (let repeats = 0; ; repeats++) {
    const answer = await client.send(instance, to, text, { key: text }).catch(() => undefined)
    const message = { lane: laneOf(instance, to), text, id: answer?.body.id, repeats }
    if (answer?.status === 202) return { ...message, result: 'accepted' }
    if ((answer !== undefined && answer.status < 500) || repeats === REPEATS_MAX) {
      return { ...message, result: answer === undefined ? 'unknown' : 'refused' }
    }
    await wait(REPEAT_AFTER_MS)
  }
}

/**
 * Waits until all has ended, and demands that every message was accepted and has left once, in the order of its lane.
 * Answers how many, and how many requests had to be repeated.
 */
export async function demandNothingLost(
  { store, gateway }: Pick<Installation, 'store' | 'gateway'>,
  posted: readonly PostedAgain[],
  name: string,
): Promise<string> {
  await untilEnded(store, posted)
  const left = (await gateway.journal()).filter(({ content }) => content.startsWith(`${name}-`))
  const times = Map.groupBy(left, ({ content }) => content)
  const textsOf = (messages: readonly Posted[]) => messages.map(({ text }) => text)
  assert.deepEqual(textsOf(posted.filter(({ result }) => result !== 'accepted')), [], 'never accepted')
  assert.deepEqual(textsOf(posted.filter(({ text }) => !times.has(text))), [], 'accepted, and never left')
  assert.deepEqual(
    [...times].filter(([, [, ...more]]) => more.length > 0).map(([text]) => text),
    [],
    'left twice',
  )
  assert.deepEqual(outOfOrder(posted, left), [], 'left before one that was accepted earlier in its lane')
  const repeated = posted.reduce((sum, { repeats = 0 }) => sum + repeats, 0)
  return `${posted.length} accepted, ${left.length} left, ${repeated} requests repeated`
}

/** Each by its id: what earlier tests have left says nothing of a message that is not stored yet. */
async function untilEnded(store: Installation['store'], posted: readonly PostedAgain[]): Promise<void> {
  const ids = [...new Set(posted.flatMap(({ id }) => id ?? []))]
  const rows = store.db.collection<{ _id: string }>('messages')
  await until(
    `${ids.length} messages have ended`,
    async () => {
      const ended = await rows.countDocuments({ _id: { $in: ids }, open: { $exists: false } })
      return ended === ids.length ? true : undefined
    },
    { timeoutMs: ENDED_MS_MAX, everyMs: 500 },
  )
}

function outOfOrder(
  posted: readonly Posted[],
  left: Awaited<ReturnType<Installation['gateway']['journal']>>,
): string[] {
  const placeOf = new Map(left.map(({ content, sequence }) => [content, sequence]))
  const lastOf = new Map<string, number>()
  return posted.flatMap(({ text, lane }) => {
    const place = placeOf.get(text) ?? 0
    const last = lastOf.get(lane) ?? 0
    lastOf.set(lane, Math.max(last, place))
    return place < last ? [text] : []
  })
}
