import { randomUUID } from 'node:crypto'
import type { Instance } from '@whatsapp-sender/store'
import type { Installation } from '../system/installation.ts'

const AT_ONCE = 20

/**
 * Instances that the store and the gateway both know, all of one owner. They have no webhook, so no receipt comes back:
 * what is measured is the way out.
 */
export async function registerFleet(
  { store, gatewayUrl, env }: Installation,
  { count, state }: Readonly<{ count: number; state: 'open' | 'close' }>,
): Promise<readonly Instance[]> {
  const owner = randomUUID()
  const names = Array.from({ length: count }, (_, n) => `bench-${n}`)
  const fleet: Instance[] = []
  const registerNext = async (): Promise<void> => {
    for (let name = names.pop(); name !== undefined; name = names.pop()) {
      const evolutionToken = randomUUID()
      const created = await store.instances.create({ name, owner, evolutionToken, webhookSecretHash: '', state })
      if (created === 'name-taken') throw new Error(`instance ${name} exists`)
      await createAtGateway(gatewayUrl, env['AUTHENTICATION_API_KEY'] ?? '', { name, token: evolutionToken })
      fleet.push(created)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, registerNext))
  return fleet
}

async function createAtGateway(
  url: string,
  apikey: string,
  { name, token }: Readonly<{ name: string; token: string }>,
): Promise<void> {
  const response = await fetch(`${url}/instance/create`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', apikey },
    body: JSON.stringify({ instanceName: name, token, integration: 'WHATSAPP-BAILEYS' }),
  })
  if (response.status !== 201) throw new Error(`create ${name}: ${response.status} ${await response.text()}`)
  await response.body?.cancel()
}
