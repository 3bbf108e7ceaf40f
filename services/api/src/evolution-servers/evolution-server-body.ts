import { BlockList, isIPv4, isIPv6 } from 'node:net'
import { EvolutionServerName } from '@whatsapp-sender/contract'
import { envUrl } from '@whatsapp-sender/service-runtime'
import { z } from 'zod'
import { EvolutionKey } from '../instances/instance-params.ts'

/** Where clouds tell a machine its own secrets. No Evolution server is there. */
const REFUSED = new BlockList()
REFUSED.addSubnet('169.254.0.0', 16, 'ipv4')
REFUSED.addSubnet('fe80::', 10, 'ipv6')
REFUSED.addAddress('168.63.129.16', 'ipv4')

/** As in `EVOLUTION_API_URL`: http too, and private networks, for Evolution often runs beside this. */
const Url = z.string().max(500).pipe(envUrl).refine(isUsable, 'must not lead to a link-local address')

export const CreateEvolutionServerBody = z.strictObject({
  name: EvolutionServerName,
  url: Url,
  apiKey: EvolutionKey,
  isDefault: z.boolean().default(false),
})

/** A server stops being the default when another one becomes it. */
export const ChangeEvolutionServerBody = z
  .strictObject({
    url: Url.optional(),
    apiKey: EvolutionKey.optional(),
    isDefault: z.literal(true, 'must be true; make another server the default instead').optional(),
  })
  .refine((change) => Object.values(change).some((value) => value !== undefined), {
    path: ['body'],
    message: 'must change something',
  })

/** `:name` of a route. */
export const EvolutionServerParams = z.object({ name: EvolutionServerName })

function isUsable(text: string): boolean {
  const host = URL.parse(text)?.hostname.replace(/^\[|\]$/g, '') ?? ''
  if (isIPv4(host)) return !REFUSED.check(host, 'ipv4')
  return !isIPv6(host) || !REFUSED.check(host, 'ipv6')
}
