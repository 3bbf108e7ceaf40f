import { randomBytes } from 'node:crypto'
import { createEvolutionSandbox } from '@whatsapp-sender/sandbox/evolution/sandbox'
import { type Gateway, gatewayAt } from '../../support/gateway.ts'
import type { Installation } from './installation.ts'
import { BRIDGE } from './node.ts'
import { replacing } from './pods-replaced.ts'
import type { Teardown } from './teardown.ts'

const SECRET = 'evolution-outside'
const KEY = 'AUTHENTICATION_API_KEY'

/** An Evolution API that is not of this installation, and therefore outlives its pods and its Secrets. */
export type OutsideEvolution = Readonly<{
  gateway: Gateway
  /** Evolution API takes this global key from now on, and no other. */
  setKey(key: string): Promise<void>
  /** The Secret of the installation that holds the key. */
  giveKey(key: string): Promise<void>
}>

/** Starts it on this machine and points the installation to it. */
export async function moveToOutsideEvolution(
  teardown: Teardown,
  installation: Installation,
): Promise<OutsideEvolution> {
  const { node, namespace, upgrade, specOf } = installation
  const key = randomBytes(24).toString('hex')
  const sandbox = createEvolutionSandbox({ host: BRIDGE, port: 0, apiKey: key, autoOpen: true, latencyMs: 0 })
  await sandbox.start()
  teardown.push(() => sandbox.stop())
  const giveKey = async (to: string) => {
    const metadata = { name: SECRET, namespace }
    await node.apply([{ apiVersion: 'v1', kind: 'Secret', metadata, stringData: { [KEY]: to } }])
  }
  await giveKey(key)
  const { api } = await specOf()
  await replacing(installation, () =>
    upgrade({
      // This machine knows no name of the cluster.
      api: { ...api, webhookUrl: `${installation.apiUrl}/v1/evolution/events` },
      evolution: { mode: 'external', external: { url: sandbox.url, apiKeySecretRef: { name: SECRET, key: KEY } } },
    }),
  )
  const setKey = async (to: string) => {
    const response = await fetch(`${sandbox.url}/sandbox/key`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ key: to }),
    })
    if (!response.ok) throw new Error(`/sandbox/key: ${response.status}`)
  }
  return { gateway: gatewayAt(sandbox.url), setKey, giveKey }
}
