import { randomUUID } from 'node:crypto'
import type { Channel, PhoneNumber, SendFailure } from '@whatsapp-sender/contract'
import { channelOf, type EvolutionServers } from '@whatsapp-sender/evolution-client'
import type { Instance, NewInstance } from '@whatsapp-sender/store'
import type { WebhookSecrets } from '../evolution-events/webhook-secret.ts'
import { answerInTime, EVOLUTION_MS } from './answer-in-time.ts'
import type { InstanceWriter } from './create-instance.ts'

export type AdoptInstanceResult =
  | Readonly<{ kind: 'created'; instance: Instance }>
  | Readonly<{ kind: 'name-taken' | 'not-found' | 'token-hidden' }>
  /** Its events go to somebody else. */
  | Readonly<{ kind: 'foreign-webhook'; host: string }>
  | Readonly<{ kind: 'evolution-failed'; failure: SendFailure }>

export type AdoptInstance = (wanted: Wanted) => Promise<AdoptInstanceResult>

type Wanted = Readonly<{
  owner: Readonly<{ id: string }>
  name: string
  /** Where it is. */
  evolutionServer: string
  number: PhoneNumber | undefined
  replaceWebhook: boolean
  /** The key it is used with; undefined: the one that Evolution tells. */
  token?: string | undefined
  settings?: Pick<NewInstance, 'pace' | 'retry' | 'checkNumber' | 'managedBy'>
}>

type Of = Readonly<{ server: string; instance: string; apiKey: string }>

type Found = Readonly<{ token: string; channel: Channel }>

type Refusal = Exclude<AdoptInstanceResult, { kind: 'created' }>

/** Takes an instance that exists at Evolution into our own list. Who may do that is for the caller to check. */
export function createAdoptInstance(o: {
  evolution: Pick<EvolutionServers, 'fetchInstance' | 'findWebhook' | 'setWebhook' | 'connectionState'>
  instances: InstanceWriter
  secrets: WebhookSecrets
  webhookUrl: string
  refreshDirectory(): Promise<void>
  onCreated(o: { instance: string; adopted: boolean }): void
}): AdoptInstance {
  return async (wanted) => {
    const { name, evolutionServer: server } = wanted
    if ((await o.instances.findByName(name)) !== undefined) return { kind: 'name-taken' }
    const endsAt = performance.now() + EVOLUTION_MS
    const found = await findAtEvolution({ server, name, given: wanted.token }, endsAt)
    if ('kind' in found) return found
    const of = { server, instance: name, apiKey: found.token }
    const obstacle = wanted.replaceWebhook ? undefined : await foreignWebhookOf(of, endsAt)
    if (obstacle !== undefined) return obstacle
    const { instance, secret } = await keep(wanted, found, endsAt)
    if (instance === 'name-taken') return { kind: 'name-taken' }
    // After the row: an event that comes at once has to find the instance of its secret.
    const set = await answerInTime(o.evolution.setWebhook({ ...of, url: o.webhookUrl, secret }), endsAt)
    if ('failure' in set) {
      await o.instances.markDeleted(instance.id)
      return { kind: 'evolution-failed', failure: set.failure }
    }
    await o.refreshDirectory().catch(() => {})
    o.onCreated({ instance: name, adopted: true })
    return { kind: 'created', instance }
  }

  async function findAtEvolution(
    { given, ...wanted }: Pick<Of, 'server'> & { name: string; given: string | undefined },
    endsAt: number,
  ): Promise<Found | Refusal> {
    const fetched = await answerInTime(o.evolution.fetchInstance(wanted), endsAt)
    if ('failure' in fetched) return { kind: 'evolution-failed', failure: fetched.failure }
    if (fetched.instance === undefined) return { kind: 'not-found' }
    const { token: told, integration } = fetched.instance
    const token = given ?? told
    return token === undefined ? { kind: 'token-hidden' } : { token, channel: channelOf(integration) }
  }

  async function foreignWebhookOf(of: Of, endsAt: number): Promise<Refusal | undefined> {
    const found = await answerInTime(o.evolution.findWebhook(of), endsAt)
    if ('failure' in found) return { kind: 'evolution-failed', failure: found.failure }
    const { webhook } = found
    if (!webhook?.isEnabled || webhook.url === '' || webhook.url === o.webhookUrl) return undefined
    return { kind: 'foreign-webhook', host: URL.parse(webhook.url)?.host ?? 'an unreadable address' }
  }

  async function keep(
    { owner, name, evolutionServer, number, settings }: Wanted,
    { token, channel }: Found,
    endsAt: number,
  ) {
    const id = randomUUID()
    const { secret, hash } = o.secrets.create(id)
    const instance = await o.instances.create({
      id,
      name,
      owner: owner.id,
      ...(number !== undefined && { number }),
      ...settings,
      channel,
      evolutionServer,
      evolutionToken: token,
      webhookSecretHash: hash,
      state: await stateOf({ server: evolutionServer, instance: name, apiKey: token }, endsAt),
    })
    return { instance, secret }
  }

  async function stateOf(of: Of, endsAt: number): Promise<Instance['state']> {
    const live = await answerInTime(o.evolution.connectionState(of), endsAt)
    if ('failure' in live) return 'close'
    return live.state === 'loading' ? 'connecting' : live.state
  }
}
