import { randomUUID } from 'node:crypto'
import type { Instance } from '@whatsapp-sender/store'
import type { Installation } from '../system/installation.ts'

const AT_ONCE = 20

/**
 * Instances of one owner in the store. They have no webhook, so no receipt comes back: what is measured is the way out.
 */
export async function createFleet(
  { store }: Installation,
  { count, state }: Readonly<{ count: number; state: 'open' | 'close' }>,
): Promise<readonly Instance[]> {
  const owner = randomUUID()
  const fleet: Instance[] = []
  await eachAtOnce(
    Array.from({ length: count }, (_, n) => `bench-${n}`),
    async (name) => {
      const evolutionToken = randomUUID()
      const created = await store.instances.create({ name, owner, evolutionToken, webhookSecretHash: '', state })
      if (created === 'name-taken') throw new Error(`instance ${name} exists`)
      fleet.push(created)
    },
  )
  return fleet
}

/** Makes the gateway, which remembers nothing when it starts, know them too. */
export async function registerFleet({ gatewayUrl, env }: Installation, fleet: readonly Instance[]): Promise<void> {
  await eachAtOnce([...fleet], (instance) => createAtGateway(gatewayUrl, env['AUTHENTICATION_API_KEY'] ?? '', instance))
}

async function eachAtOnce<T>(items: T[], work: (item: T) => Promise<void>): Promise<void> {
  const workNext = async (): Promise<void> => {
    for (let item = items.pop(); item !== undefined; item = items.pop()) await work(item)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, workNext))
}

async function createAtGateway(
  url: string,
  apikey: string,
  { name, evolutionToken: token }: Pick<Instance, 'name' | 'evolutionToken'>,
): Promise<void> {
  const response = await fetch(`${url}/instance/create`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', apikey },
    body: JSON.stringify({ instanceName: name, token, integration: 'WHATSAPP-BAILEYS' }),
  })
  if (response.status !== 201) throw new Error(`create ${name}: ${response.status} ${await response.text()}`)
  await response.body?.cancel()
}
