import { randomBytes, randomUUID } from 'node:crypto'
import { digitsOf, type PhoneNumber, type SendFailure } from '@whatsapp-sender/contract'
import type { EvolutionClient } from '@whatsapp-sender/evolution-client'
import type { Instance, NewInstance } from '@whatsapp-sender/store'
import type { WebhookSecrets } from '../evolution-events/webhook-secret.ts'
import type { Principal } from '../principal.ts'

export type CreateInstanceResult =
  | Readonly<{ kind: 'created'; instance: Instance }>
  | Readonly<{ kind: 'name-taken' }>
  | Readonly<{ kind: 'evolution-failed'; failure: SendFailure }>

export type CreateInstance = (wanted: Wanted) => Promise<CreateInstanceResult>

type Wanted = Readonly<{ owner: Principal; name: string; number: PhoneNumber | undefined }>

export type InstanceWriter = Readonly<{
  findByName(name: string): Promise<Instance | undefined>
  create(instance: NewInstance): Promise<Instance | 'name-taken'>
  markDeleted(id: string): Promise<unknown>
}>

/** Creates it at Evolution with a token and a webhook secret of its own, then keeps it: from then on it is known here. */
export function createCreateInstance(o: {
  evolution: Pick<EvolutionClient, 'createInstance' | 'deleteInstance'>
  instances: InstanceWriter
  secrets: WebhookSecrets
  webhookUrl: string
  refreshDirectory(): Promise<void>
  onCreated(o: { instance: string; adopted: boolean }): void
  onLeftBehind(o: { instance: string; code: string }): void
}): CreateInstance {
  return async (wanted) => {
    if ((await o.instances.findByName(wanted.name)) !== undefined) return { kind: 'name-taken' }
    const made = await makeAtEvolution(wanted)
    if ('kind' in made) return made
    const instance = await keep(made)
    if (instance === 'name-taken') return { kind: 'name-taken' }
    await o.refreshDirectory().catch(() => {})
    o.onCreated({ instance: instance.name, adopted: false })
    return { kind: 'created', instance }
  }

  async function makeAtEvolution({ owner, name, number }: Wanted): Promise<NewInstance | CreateInstanceResult> {
    const id = randomUUID()
    const token = randomBytes(32).toString('base64url')
    const { secret, hash } = o.secrets.create(id)
    const webhook = { url: o.webhookUrl, secret }
    const created = await o.evolution.createInstance({ name, token, number: number && digitsOf(number), webhook })
    if ('failure' in created) return refusalOf(created.failure, name, token)
    return {
      id,
      name,
      owner: owner.id,
      ...(number !== undefined && { number }),
      evolutionToken: created.token,
      webhookSecretHash: hash,
      state: created.state === 'loading' ? 'connecting' : created.state,
    }
  }

  async function refusalOf(failure: SendFailure, name: string, token: string): Promise<CreateInstanceResult> {
    if (failure.code === 'name-in-use') return { kind: 'name-taken' }
    // It may have been made all the same, and nobody would know its token.
    if (failure.kind === 'ambiguous') await removeAgain(name, token)
    return { kind: 'evolution-failed', failure }
  }

  async function keep(instance: NewInstance): Promise<Instance | 'name-taken'> {
    try {
      const kept = await o.instances.create(instance)
      if (kept === 'name-taken') await removeAgain(instance.name, instance.evolutionToken)
      return kept
    } catch (err) {
      await removeAgain(instance.name, instance.evolutionToken)
      throw err
    }
  }

  /** With its own token, so that only what was made by this very call can be removed. */
  async function removeAgain(name: string, token: string): Promise<void> {
    const removed = await o.evolution.deleteInstance({ instance: name, apiKey: token })
    if ('failure' in removed) o.onLeftBehind({ instance: name, code: removed.failure.code })
  }
}
