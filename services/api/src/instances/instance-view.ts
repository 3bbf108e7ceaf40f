import type { InstanceState, Pace } from '@whatsapp-sender/contract'
import type { Instance } from '@whatsapp-sender/store'

/** `stateStale`: Evolution could not be asked; this is the last that was known. */
export function instanceView(
  instance: Instance,
  o: { defaultPace: Pace; live?: { state: InstanceState; stateStale?: true } },
) {
  const { name, owner, number, paused, configurationError, createdAt } = instance
  return {
    name,
    owner,
    ...(number !== undefined && { number }),
    state: o.live?.state ?? instance.state,
    ...(o.live?.stateStale && { stateStale: true }),
    pace: instance.pace ?? o.defaultPace,
    paused,
    ...(configurationError !== undefined && { configurationError }),
    createdAt,
  }
}
