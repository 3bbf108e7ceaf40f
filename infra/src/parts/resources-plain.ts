import type { Resources } from '../spec/values.ts'

/** As other operators' resources take them. */
export function resourcesPlain({ requests, limits }: Resources) {
  const { cpu, memory } = limits
  return { requests, limits: { ...(cpu !== undefined && { cpu }), memory } }
}
