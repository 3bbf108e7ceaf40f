import type { Gateway } from '../../support/gateway.ts'

/** `count` names for instances. */
export function instancesNamed(name: string, count: number): string[] {
  return Array.from({ length: count }, (_, n) => `${name}-${n}`)
}

/**
 * Every second of them tells of nothing that it sends. Where Evolution's events show that a message left, a fault that
 * would send it twice stays hidden.
 */
export async function silenceHalf(
  gateway: Pick<Gateway, 'events'>,
  instances: readonly string[],
): Promise<readonly string[]> {
  const silent = instances.filter((_, n) => n % 2 === 1)
  for (const instance of silent) await gateway.events(instance, { never: true })
  return silent
}
