import { z } from 'zod'
import { envList } from './env-values.ts'

const Network = z.union([z.cidrv4(), z.cidrv6()])

export const outgoingEnv = {
  /** For development: private networks that addresses given by users may lead to, there also by plain http. */
  OUTGOING_PRIVATE_NETWORKS: envList
    .refine(
      (networks) => networks.every((network) => Network.safeParse(network).success),
      'must be networks such as 127.0.0.0/8 parted by commas',
    )
    .default([]),
}
