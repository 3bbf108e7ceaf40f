import { InstanceName } from '@whatsapp-sender/contract'
import { z } from 'zod'

/** `:name` of a route. */
export const InstanceParams = z.object({ name: InstanceName })

/** The key that Evolution API knows an instance by. It goes into a header. */
export const EvolutionKey = z
  .string()
  .min(1)
  .max(500)
  .regex(/^[\x21-\x7e]+$/, 'must be printable ASCII without spaces')
