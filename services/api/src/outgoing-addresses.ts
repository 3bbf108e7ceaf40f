import { checkAddress, createResolve } from '@whatsapp-sender/outgoing'

const RESOLVE_TIMEOUT_MS = 3000

/**
 * What is wrong with an address that a user gave, in words that stand after the name of its field. Asks the name servers,
 * and holds for the moment.
 */
export function createFindAddressFault(privateNetworks: readonly string[]) {
  const resolve = createResolve({ timeoutMs: RESOLVE_TIMEOUT_MS })
  return async (url: string): Promise<string | undefined> => {
    const checked = await checkAddress(url, { privateNetworks, resolve })
    return checked.ok ? undefined : checked.detail
  }
}
