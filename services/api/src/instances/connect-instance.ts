import { digitsOf, isPhoneNumber, type SendFailure } from '@whatsapp-sender/contract'
import type { Connection, EvolutionServers } from '@whatsapp-sender/evolution-client'
import type { Instance } from '@whatsapp-sender/store'

export type ConnectInstance = (instance: Instance) => Promise<Connection | { failure: SendFailure }>

/** Starts the login of the phone: a QR code, and a pairing code when the number is known. */
export function createConnectInstance(o: {
  evolution: Pick<EvolutionServers, 'connect'>
  instances: { requestCheck(id: string): Promise<unknown> }
}): ConnectInstance {
  return async ({ id, name, number, evolutionServer: server, evolutionToken: apiKey }) => {
    const digits = number !== undefined && isPhoneNumber(number) ? digitsOf(number) : undefined
    const connection = await o.evolution.connect({ server, instance: name, apiKey, number: digits })
    // The events of Evolution say the same; this only makes it sooner.
    if (!('failure' in connection)) await o.instances.requestCheck(id).catch(() => {})
    return connection
  }
}
