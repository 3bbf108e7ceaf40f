import type { Sent } from '../system/gateway.ts'
import type { Plan } from './plan.ts'

/** Compares what was to be sent with what left; pure. Returns what is wrong, in words. */
export function judge(
  plan: Plan,
  sent: readonly Sent[],
  { peak, inFlightMax }: Readonly<{ peak: number; inFlightMax: number }>,
): readonly string[] {
  const places = new Map(plan.map(({ text }, place) => [text, place]))
  const seen = new Set<string>()
  const lastOfLane = new Map<string, number>()
  let twice = 0
  let unasked = 0
  let misplaced = 0
  for (const { instance, number, content } of sent) {
    const place = places.get(content)
    const planned = place === undefined ? undefined : plan[place]
    if (place === undefined || planned?.instance.name !== instance || planned.to !== `+${number}`) unasked += 1
    else if (seen.has(content)) twice += 1
    else {
      const lane = `${instance} ${number}`
      if ((lastOfLane.get(lane) ?? -1) > place) misplaced += 1
      lastOfLane.set(lane, place)
    }
    seen.add(content)
  }
  const lost = plan.filter(({ text }) => !seen.has(text)).length
  const faults = [
    [lost, 'messages lost'],
    [twice, 'messages sent twice'],
    [unasked, 'messages sent that nobody asked for'],
    [misplaced, 'messages out of order'],
    [peak > inFlightMax ? peak : 0, `requests in flight at the gateway, more than ${inFlightMax}`],
  ] as const
  return faults.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`)
}
