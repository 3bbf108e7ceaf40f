import type { Client } from './client.ts'

/** One message as its caller knows it. `lane`: instance and recipient. `unknown`: the answer was 5xx or none. */
export type Posted = Readonly<{
  lane: string
  text: string
  id: string | undefined
  result: 'accepted' | 'refused' | 'unknown'
}>

export type Lane = Readonly<{ instance: string; to: string }>

/** `count` instances with `recipients` numbers each. */
export function lanesOf(instances: readonly string[], recipients: number): Lane[] {
  return instances.flatMap((instance, at) =>
    Array.from({ length: recipients }, (_, n) => ({ instance, to: `+55119${String(80000000 + at * 1000 + n)}` })),
  )
}

/**
 * Posts `count` messages over the lanes in turn. Each lane has one sequential caller, so the order of acceptance within
 * a lane is the order of its texts.
 */
export async function post(client: Client, lanes: readonly Lane[], count: number, name = 'm'): Promise<Posted[]> {
  const perLane = lanes.map((lane, at) => {
    const numbers = Array.from({ length: count }, (_, n) => n).filter((n) => n % lanes.length === at)
    return postLane(
      client,
      lane,
      numbers.map((n) => `${name}-${n}`),
    )
  })
  return (await Promise.all(perLane)).flat()
}

async function postLane(client: Client, { instance, to }: Lane, texts: readonly string[]): Promise<Posted[]> {
  const posted: Posted[] = []
  for (const text of texts)
    posted.push({ lane: laneOf(instance, to), text, ...(await postOne(client, { instance, to }, text)) })
  return posted
}

async function postOne(client: Client, { instance, to }: Lane, text: string): Promise<Pick<Posted, 'id' | 'result'>> {
  try {
    const { status, body } = await client.send(instance, to, text)
    if (status === 202) return { id: body.id, result: 'accepted' }
    return { id: undefined, result: status === 503 && body.code === 'accept-unknown' ? 'unknown' : 'refused' }
  } catch {
    return { id: undefined, result: 'unknown' }
  }
}

/** As `Posted` names it. */
export function laneOf(instance: string, to: string): string {
  return `${instance} ${to.replace('+', '')}`
}
