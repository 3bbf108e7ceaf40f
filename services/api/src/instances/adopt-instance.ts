import { randomUUID } from 'node:crypto'
import type { PhoneNumber, SendFailure } from '@whatsapp-sender/contract'
import type { ConnectionState, EvolutionClient } from '@whatsapp-sender/evolution-client'
import type { Instance } from '@whatsapp-sender/store'
import type { WebhookSecrets } from '../evolution-events/webhook-secret.ts'
import type { Principal } from '../principal.ts'
import type { InstanceWriter } from './create-instance.ts'

export type AdoptInstanceResult =
  | Readonly<{ kind: 'created'; instance: Instance }>
  | Readonly<{ kind: 'name-taken' | 'not-found' | 'token-hidden' }>
  /** Its events go to somebody else. */
  | Readonly<{ kind: 'foreign-webhook'; host: string }>
  | Readonly<{ kind: 'evolution-failed'; failure: SendFailure }>

export type AdoptInstance = (o: {
  owner: Principal
  name: string
  number: PhoneNumber | undefined
  replaceWebhook: boolean
}) => Promise<AdoptInstanceResult>

/** Takes an instance that exists at Evolution into our own list. Whoever may is for the caller to check. */
export function createAdoptInstance(o: {
  evolution: Pick<EvolutionClient, 'fetchInstance' | 'findWebhook' | 'setWebhook' | 'connectionState'>
  instances: InstanceWriter
  secrets: WebhookSecrets
  webhookUrl: string
  refreshDirectory(): Promise<void>
  onCreated(o: { instance: string; adopted: boolean }): void
}): AdoptInstance {
  return async ({ owner, name, number, replaceWebhook }) => {
    if ((await o.instances.findByName(name)) !== undefined) return { kind: 'name-taken' }
    const fetched = await o.evolution.fetchInstance(name)
    if ('failure' in fetched) return { kind: 'evolution-failed', failure: fetched.failure }
    if (fetched.instance === undefined) return { kind: 'not-found' }
    const { token } = fetched.instance
    if (token === undefined) return { kind: 'token-hidden' }
    const of = { instance: name, apiKey: token }
    const found = await o.evolution.findWebhook(of)
    if ('failure' in found) return { kind: 'evolution-failed', failure: found.failure }
    const { webhook } = found
    if (webhook?.isEnabled && webhook.url !== o.webhookUrl && webhook.url !== '' && !replaceWebhook) {
      return { kind: 'foreign-webhook', host: URL.parse(webhook.url)?.host ?? 'an unreadable address' }
    }
    const live = await o.evolution.connectionState(of)
    const id = randomUUID()
    const { secret, hash } = o.secrets.create(id)
    const instance = await o.instances.create({
      id,
      name,
      owner: owner.id,
      ...(number !== undefined && { number }),
      evolutionToken: token,
      webhookSecretHash: hash,
      state: 'failure' in live ? 'close' : stateOf(live.state),
    })
    if (instance === 'name-taken') return { kind: 'name-taken' }
    // After the row: an event that comes at once has to find the instance of its secret.
    const set = await o.evolution.setWebhook({ ...of, url: o.webhookUrl, secret })
    if ('failure' in set) {
      await o.instances.markDeleted(id)
      return { kind: 'evolution-failed', failure: set.failure }
    }
    await o.refreshDirectory().catch(() => {})
    o.onCreated({ instance: name, adopted: true })
    return { kind: 'created', instance }
  }
}

function stateOf(state: ConnectionState): Instance['state'] {
  return state === 'loading' ? 'connecting' : state
}
