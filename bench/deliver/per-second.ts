import type { GatewayRequest } from '../system/gateway.ts'

/** Requests per second from the first that came to the last that was answered. */
export function perSecondOf(requests: readonly GatewayRequest[]): number {
  const first = requests.reduce((least, { at }) => Math.min(least, Date.parse(at)), Infinity)
  const last = requests.reduce((most, { answeredAt }) => Math.max(most, Date.parse(answeredAt)), 0)
  return (requests.length * 1000) / (last - first)
}
