import { InstanceName } from '@whatsapp-sender/contract'
import { z } from 'zod'

/** `:name` of a route. */
export const InstanceParams = z.object({ name: InstanceName })
