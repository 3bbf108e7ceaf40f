// Run before `helm uninstall` takes the operator away: deletes the instances of the release, and waits until the
// operator has let go of each. One that it never lets go of holds up the release until the Job's deadline.
import { readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'

const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port, TOKEN_FILE, NAMESPACE, SELECTOR } = process.env
const token = readFileSync(TOKEN_FILE, 'utf8').trim()
const address = host?.includes(':') ? `[${host}]` : host
const instances = new URL(
  `/apis/whatsappsender.io/v1alpha1/namespaces/${NAMESPACE}/whatsappinstances`,
  `https://${address}:${port}`,
)
instances.searchParams.set('labelSelector', SELECTOR)

await ask('DELETE')
for (;;) {
  const { items } = await ask('GET')
  if (items.length === 0) break
  console.log(`waiting for ${items.map(({ metadata }) => metadata.name).join(', ')}`)
  await wait(2000)
}
console.log('no instance is left')

async function ask(method) {
  const response = await fetch(instances, {
    method,
    headers: { authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(30_000),
  })
  if (!response.ok) throw new Error(`${method} ${instances.pathname}: ${response.status} ${await response.text()}`)
  return await response.json()
}
