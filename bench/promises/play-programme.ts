import { setTimeout as wait } from 'node:timers/promises'
import type { Gateway } from '../system/gateway.ts'
import { type Accepted, type Account, accountOf } from './account.ts'
import { type Asked, messagesOf, PROGRAMME } from './programme.ts'
import type { Way } from './way.ts'

/** An answer's outcome may take this long into the ledger; until then a crash sends it again. */
const WRITING_MS = 250

export type Played = Account &
  Readonly<{
    /** Requests that were open when the process was killed, or answered right before. */
    openAtKill: number
    seconds: number
  }>

/** Plays the programme once and compares what callers were told with what left. */
export async function playProgramme(way: Way, gateway: Gateway, name: string): Promise<Played> {
  const before = await gateway.stats()
  let sender = await way.startSender()
  const startedAt = performance.now()
  const posting = postAll(way, messagesOf(way.instances, name))
  await wait(PROGRAMME.killAtMs)
  process.kill(sender.pid, 'SIGKILL')
  const killedAt = Date.now()
  await sender.exited
  sender = await way.startSender()
  try {
    const accepted = await posting
    await way.untilQuiet()
    const seconds = (performance.now() - startedAt) / 1000
    const requests = await gateway.requestsSince(before.requests)
    const told = await inParts(accepted, 20, async (message): Promise<Accepted> => {
      return { ...message, end: await way.endOf(message) }
    })
    return {
      ...accountOf(told, await gateway.sentSince(before.sent)),
      openAtKill: requests.filter(
        ({ at, answeredAt }) => Date.parse(at) <= killedAt && Date.parse(answeredAt) >= killedAt - WRITING_MS,
      ).length,
      seconds: Number(seconds.toFixed(1)),
    }
  } finally {
    await sender.stop()
  }
}

/** Every lane has one caller who waits for his answer before he asks again. */
async function postAll(way: Way, messages: readonly Asked[]): Promise<readonly Asked[]> {
  const startedAt = performance.now()
  const lanes = [...Map.groupBy(messages, ({ instance, to }) => `${instance} ${to}`).values()]
  const accepted = await Promise.all(
    lanes.map(async (lane) => {
      const taken: Asked[] = []
      for (const message of lane) {
        await wait(Math.max(0, message.atMs - (performance.now() - startedAt)))
        if (await way.accept(message)) taken.push(message)
      }
      return taken
    }),
  )
  return accepted.flat()
}

async function inParts<T, R>(all: readonly T[], size: number, work: (each: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  for (let at = 0; at < all.length; at += size) results.push(...(await Promise.all(all.slice(at, at + size).map(work))))
  return results
}
