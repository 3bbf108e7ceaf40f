import type { Sent } from '../system/gateway.ts'
import type { Plan } from './plan.ts'

/** How many messages went another way than they had to. */
export type Findings = Readonly<{
  lost: number
  /** Sends beyond the first of a message. */
  twice: number
  outOfOrder: number
  /** Sent though nobody asked for it, or to somebody else. */
  unasked: number
}>

/** Compares what was to be sent with what left; pure. */
export function judge(plan: Plan, sent: readonly Sent[]): Findings {
  const places = new Map(plan.map(({ text }, place) => [text, place]))
  const seen = new Set<string>()
  const lastOfLane = new Map<string, number>()
  let twice = 0
  let unasked = 0
  let outOfOrder = 0
  for (const { instance, number, content } of sent) {
    const place = places.get(content)
    const planned = place === undefined ? undefined : plan[place]
    if (place === undefined || planned?.instance.name !== instance || planned.to !== `+${number}`) unasked += 1
    else if (seen.has(content)) twice += 1
    else {
      const lane = `${instance} ${number}`
      if ((lastOfLane.get(lane) ?? -1) > place) outOfOrder += 1
      lastOfLane.set(lane, place)
      seen.add(content)
    }
  }
  return { lost: plan.length - seen.size, twice, outOfOrder, unasked }
}
