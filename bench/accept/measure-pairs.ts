import type { Baseline } from './baseline-process.ts'
import { type Answered, runClosedLoop } from './closed-loop.ts'
import { acceptedId } from './open-loop.ts'
import type { Sender } from './sender.ts'

/** Three measurements one after the other, so that what slows the machine meets all of them. */
export type Pair = Readonly<{ accept: Answered; post: Answered; hello: Answered }>

const WARM_UP_SECONDS = 5
const SECONDS = 7
const ROUNDS = 4

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
    post: await runClosedLoop({ ...bare, requests: posts, seconds }),
    hello: await runClosedLoop({ ...bare, requests: gets, seconds }),
  })
  await runPair(WARM_UP_SECONDS)
  const pairs: Pair[] = []
  for (let round = 1; round <= (o.rounds ?? ROUNDS); round++) {
    const pair = await runPair(o.seconds ?? SECONDS)
    pairs.push(pair)
    console.log(
      `round ${round}: ${describe('accepted', pair.accept)} · ${describe('Express POST', pair.post)} · ${describe('Express GET', pair.hello)} · ratio ${(pair.accept.perSecond / pair.post.perSecond).toFixed(3)}`,
    )
  }
  return { pairs, ids }
}

function describe(what: string, { perSecond, serverMicros, serverBusy, loadBusy }: Answered): string {
  const percent = (share: number) => `${Math.round(share * 100)} %`
  const busy = `server ${percent(serverBusy)} busy, load ${percent(loadBusy)}`
  return `${what} ${Math.round(perSecond)}/s, ${Math.round(serverMicros)} µs of CPU each (${busy})`
}
