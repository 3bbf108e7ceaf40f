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

export type CreateInstance = (o: {
  owner: Principal
  name: string
  number: PhoneNumber | undefined
}) => Promise<CreateInstanceResult>

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
  return async ({ owner, name, number }) => {
    if ((await o.instances.findByName(name)) !== undefined) return { kind: 'name-taken' }
    const id = randomUUID()
    const evolutionToken = randomBytes(32).toString('base64url')
    const { secret, hash } = o.secrets.create(id)
    const created = await o.evolution.createInstance({
      name,
      token: evolutionToken,
      number: number && digitsOf(number),
      webhook: { url: o.webhookUrl, secret },
    })
    if ('failure' in created) {
      if (created.failure.code === 'name-in-use') return { kind: 'name-taken' }
      // It may have been made all the same, and nobody would know its token.
      if (created.failure.kind === 'ambiguous') await removeAgain(name, evolutionToken)
      return { kind: 'evolution-failed', failure: created.failure }
    }
    const instance = await keep({
      id,
      name,
      owner: owner.id,
      ...(number !== undefined && { number }),
      evolutionToken: created.token,
      webhookSecretHash: hash,
      state: created.state === 'loading' ? 'connecting' : created.state,
    })
    if (instance === 'name-taken') return { kind: 'name-taken' }
    await o.refreshDirectory().catch(() => {})
    o.onCreated({ instance: name, adopted: false })
    return { kind: 'created', instance }
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
