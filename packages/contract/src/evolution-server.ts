import { z } from 'zod'

/** Name of the Evolution server that each process is told of by its environment. */
export const DEFAULT_EVOLUTION_SERVER = 'default'

/** Where instances of channel `sandbox` are: no Evolution server at all, but what stands for one in each process. */
export const SANDBOX_SERVER = 'sandbox'

/** What an administrator calls an Evolution server. */
export const EvolutionServerName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be 1 to 63 lower-case letters, digits or "-", the first none of the last')
