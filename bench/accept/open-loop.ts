import { Agent, request } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'

export type OpenLoopResult = Readonly<{
  /** ms from the moment a request was due to the end of its answer, whatever had delayed its start. */
  latenciesMs: readonly number[]
  ids: readonly string[]
  faults: number
}>

/**
 * A constant rate of arrivals, kept up however slow the answers are: as callers who know nothing of each other. What a
 * stalled server makes wait counts with all of its waiting.
 */
export async function runOpenLoop(
  o: Readonly<{
    url: string
    headers: Record<string, string>
    bodies: readonly string[]
    perSecond: number
    seconds: number
  }>,
): Promise<OpenLoopResult> {
  const agent = new Agent({ keepAlive: true })
  const latenciesMs: number[] = []
  const ids: string[] = []
  let faults = 0
  const send = async (at: number, body: string): Promise<void> => {
    const answer = await post(agent, o.url, o.headers, body)
    latenciesMs.push(performance.now() - at)
    if (answer.status === 202) ids.push(answer.id)
    else faults += 1
  }
  const startedAt = performance.now()
  const pending: Promise<void>[] = []
  const count = o.perSecond * o.seconds
  while (pending.length < count) {
    const due = Math.min(count, Math.floor(((performance.now() - startedAt) * o.perSecond) / 1000))
    while (pending.length < due) {
      const at = startedAt + (pending.length * 1000) / o.perSecond
      pending.push(send(at, o.bodies[pending.length % o.bodies.length] ?? ''))
    }
    await wait(1)
  }
  await Promise.all(pending)
  agent.destroy()
  return { latenciesMs, ids, faults }
}

/** Status 0: no answer. */
function post(
  agent: Agent,
  url: string,
  headers: Record<string, string>,
  body: string,
): Promise<Readonly<{ status: number; id: string }>> {
  return new Promise((resolve) => {
    const sent = request(url, { method: 'POST', agent, headers }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        text += chunk
      })
      response.once('end', () => resolve({ status: response.statusCode ?? 0, id: acceptedId(text) }))
    })
    sent.once('error', () => resolve({ status: 0, id: '' }))
    sent.end(body)
  })
}

/** The id in `{"id":"…", …}`, found without parsing: the load has to be light. */
export function acceptedId(answer: string): string {
  return answer.slice(ID_AT, ID_AT + ID_LENGTH)
}

const ID_AT = '{"id":"'.length
const ID_LENGTH = 36
