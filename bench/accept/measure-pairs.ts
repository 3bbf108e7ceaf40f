import { z } from 'zod'
import type { Baseline } from './baseline-process.ts'
import { type Answered, runClosedLoop } from './closed-loop.ts'
import { acceptedId } from './open-loop.ts'
import { BATCH_ROWS, type Sender } from './sender.ts'

/** Measurements one after the other, so that what slows the machine meets all of them. `batch` counts calls. */
export type Pair = Readonly<{ accept: Answered; batch: Answered; post: Answered; hello: Answered }>

const WARM_UP_SECONDS = 5
const SECONDS = 7
const ROUNDS = 4
/** A hundred messages a call: in less time more of them than there are single ones, and all are looked for. */
const BATCH_SHARE = 0.3
/** Their messages have to fit into the API's queue together, or some rows are refused. */
const BATCH_CALLERS = 20

/** @returns also the ids of all messages that were accepted */
export async function measurePairs(
  o: Readonly<{
    api: Readonly<{ url: string; pid: number }>
    baseline: Baseline
    kafkaPid: number | undefined
    sender: Sender
    seconds: number | undefined
    rounds: number | undefined
  }>,
): Promise<Readonly<{ pairs: readonly Pair[]; ids: string[] }>> {
  const ids: string[] = []
  const posts = o.sender.bodies.map((body) => ({
    method: 'POST' as const,
    path: '/v1/messages',
    headers: o.sender.headers,
    body,
  }))
  const batches = o.sender.batches.map((body) => ({
    method: 'POST' as const,
    path: '/v1/messages/batch',
    headers: o.sender.headers,
    body,
  }))
  const gets = posts.map(() => ({ path: '/' }))
  const bare = { url: o.baseline.url, serverPid: o.baseline.pid }
  const runPair = async (seconds: number): Promise<Pair> => ({
    accept: await runClosedLoop({
      url: o.api.url,
      serverPid: o.api.pid,
      requests: posts,
      besidesPid: o.kafkaPid,
      onAccepted: (body) => void ids.push(acceptedId(body)),
      seconds,
    }),
    batch: await runClosedLoop({
      url: o.api.url,
      serverPid: o.api.pid,
      requests: batches,
      besidesPid: o.kafkaPid,
      onAccepted: (body) => void ids.push(...acceptedRows(body)),
      seconds: Math.ceil(seconds * BATCH_SHARE),
      connections: BATCH_CALLERS,
    }),
    post: await runClosedLoop({ ...bare, requests: posts, seconds }),
    hello: await runClosedLoop({ ...bare, requests: gets, seconds }),
  })
  await runPair(WARM_UP_SECONDS)
  const pairs: Pair[] = []
  for (let round = 1; round <= (o.rounds ?? ROUNDS); round++) {
    const pair = await runPair(o.seconds ?? SECONDS)
    pairs.push(pair)
    console.log(
      `round ${round}: ${describe('accepted', pair.accept)} · ${describe('Express POST', pair.post)} · ${describe('Express GET', pair.hello)} · ${describe('batches', pair.batch)} · ratio ${(pair.accept.perSecond / pair.post.perSecond).toFixed(3)}`,
    )
  }
  return { pairs, ids }
}

/** A row that was not accepted leaves its place empty, and an empty id is in no topic. */
function acceptedRows(answer: string): string[] {
  const { results } = BatchAnswer.parse(JSON.parse(answer))
  return results.map(({ status, id = '' }) => (status === 'accepted' ? id : ''))
}

const BatchAnswer = z.object({
  results: z.array(z.object({ status: z.string(), id: z.string().optional() })).length(BATCH_ROWS),
})

function describe(what: string, { perSecond, serverMicros, serverBusy, loadBusy }: Answered): string {
  const percent = (share: number) => `${Math.round(share * 100)} %`
  const busy = `server ${percent(serverBusy)} busy, load ${percent(loadBusy)}`
  return `${what} ${Math.round(perSecond)}/s, ${Math.round(serverMicros)} µs of CPU each (${busy})`
}
