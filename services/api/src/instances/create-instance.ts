import { randomUUID } from 'node:crypto'
import { type Channel, digitsOf, type PhoneNumber, type SendFailure } from '@whatsapp-sender/contract'
import type { EvolutionServers } from '@whatsapp-sender/evolution-client'
import type { Instance, NewInstance } from '@whatsapp-sender/store'
import type { WebhookSecrets } from '../evolution-events/webhook-secret.ts'
import { answerInTime, EVOLUTION_MS } from './answer-in-time.ts'
import type { InstanceTokenOf } from './instance-token.ts'

export type CreateInstanceResult =
  | Readonly<{ kind: 'created'; instance: Instance }>
  | Readonly<{ kind: 'name-taken' }>
  /** An instance of this name is being made, or what is left of one removed. */
  | Readonly<{ kind: 'under-way' }>
  | Readonly<{ kind: 'evolution-failed'; failure: SendFailure }>

export type CreateInstance = (wanted: Wanted) => Promise<CreateInstanceResult>

type Wanted = Readonly<{
  owner: Readonly<{ id: string }>
  name: string
  /** Where it is made. */
  evolutionServer: string
  number: PhoneNumber | undefined
  /** Default `baileys`. */
  channel?: Extract<Channel, 'sandbox'>
  settings?: Pick<NewInstance, 'pace' | 'retry' | 'checkNumber' | 'managedBy'>
}>

export type InstanceWriter = Readonly<{
  findByName(name: string): Promise<Instance | undefined>
  create(instance: NewInstance): Promise<Instance | 'name-taken'>
  markDeleted(id: string): Promise<unknown>
}>

type Made = Pick<NewInstance, 'name' | 'evolutionServer' | 'evolutionToken'>

type Options = Readonly<{
  evolution: Pick<EvolutionServers, 'createInstance' | 'deleteInstance' | 'connectionState' | 'setWebhook'>
  instances: InstanceWriter
  tokenOf: InstanceTokenOf
  secrets: WebhookSecrets
  webhookUrl: string
  refreshDirectory(): Promise<void>
  onCreated(o: { instance: string; adopted: boolean }): void
  onLeftBehind(o: { instance: string; code: string }): void
  /** What Evolution still does after this is undone in the background. */
  evolutionMs?: number
}>

/**
 * Creates it at Evolution with a token and a webhook secret of its own, then keeps it: from then on it is known here. What
 * an earlier call of the same user left behind at Evolution is taken instead of made.
 */
export function createCreateInstance(o: Options): CreateInstance {
  const { evolutionMs = EVOLUTION_MS } = o
  const underWay = new Set<string>()

  return async (wanted) => {
    const { name } = wanted
    if (underWay.has(name)) return { kind: 'under-way' }
    underWay.add(name)
    // Set by whoever goes on in the background: the name is free when that has ended.
    let afterwards: Promise<void> | undefined
    try {
      return await create(wanted, (work) => {
        afterwards = work
      })
    } finally {
      void Promise.resolve(afterwards).finally(() => underWay.delete(name))
    }
  }

  async function create(wanted: Wanted, goOn: (work: Promise<void>) => void): Promise<CreateInstanceResult> {
    if ((await o.instances.findByName(wanted.name)) !== undefined) return { kind: 'name-taken' }
    const endsAt = performance.now() + evolutionMs
    const planned = plan(wanted)
    const { name, evolutionServer: server, evolutionToken: token } = planned.instance
    const creating = o.evolution.createInstance({
      server,
      name,
      token,
      number: wanted.number && digitsOf(wanted.number),
      webhook: planned.webhook,
    })
    const created = await answerInTime(creating, endsAt)
    if (!('failure' in created)) {
      const state = created.state === 'loading' ? 'connecting' : created.state
      const kept = await stored({ ...planned.instance, evolutionToken: created.token, state })
      return kept === 'name-taken' ? { kind: 'name-taken' } : announced(kept)
    }
    const { failure } = created
    if (failure.code === 'name-in-use') return takeWhatIsLeft(planned, endsAt)
    // It may have been made all the same. The answer does not wait for an Evolution that does not answer.
    if (failure.kind === 'ambiguous') goOn(creating.then(() => removeAgain(planned.instance)))
    return { kind: 'evolution-failed', failure }
  }

  function plan({ owner, name, evolutionServer, number, channel, settings }: Wanted) {
    const id = randomUUID()
    const { secret, hash } = o.secrets.create(id)
    const instance = {
      id,
      name,
      owner: owner.id,
      ...(number !== undefined && { number }),
      ...settings,
      ...(channel && { channel }),
      evolutionServer,
      evolutionToken: o.tokenOf({ owner: owner.id, name }),
      webhookSecretHash: hash,
    }
    return { instance, webhook: { url: o.webhookUrl, secret } }
  }

  /** Only what was made for this user has his token; all else is somebody's. */
  async function takeWhatIsLeft(
    { instance, webhook }: ReturnType<typeof plan>,
    endsAt: number,
  ): Promise<CreateInstanceResult> {
    const of = whereIs(instance)
    const live = await answerInTime(o.evolution.connectionState(of), endsAt)
    if ('failure' in live) {
      return live.failure.kind === 'configuration'
        ? { kind: 'name-taken' }
        : { kind: 'evolution-failed', failure: live.failure }
    }
    // Evolution is starting, or still removing it.
    if (live.state === 'loading') return { kind: 'under-way' }
    const kept = await stored({ ...instance, state: live.state })
    if (kept === 'name-taken') return { kind: 'name-taken' }
    // After the row: an event that comes at once has to find the instance of its secret.
    const set = await answerInTime(o.evolution.setWebhook({ ...of, ...webhook }), endsAt)
    if (!('failure' in set)) return announced(kept)
    await o.instances.markDeleted(instance.id)
    return { kind: 'evolution-failed', failure: set.failure }
  }

  async function announced(instance: Instance): Promise<CreateInstanceResult> {
    await o.refreshDirectory().catch(() => {})
    o.onCreated({ instance: instance.name, adopted: false })
    return { kind: 'created', instance }
  }

  async function stored(instance: NewInstance): Promise<Instance | 'name-taken'> {
    try {
      const kept = await o.instances.create(instance)
      if (kept === 'name-taken') await removeAgain(instance)
      return kept
    } catch (err) {
      await removeAgain(instance)
      throw err
    }
  }

  /** With its own token, so that nothing of others can be removed; and not what the user's other call has kept by now. */
  async function removeAgain(instance: Made): Promise<void> {
    const { name } = instance
    const keeper = await o.instances.findByName(name).catch(() => undefined)
    if (keeper?.evolutionToken === instance.evolutionToken && keeper.evolutionServer === instance.evolutionServer)
      return
    const removed = await o.evolution.deleteInstance(whereIs(instance))
    if ('failure' in removed) o.onLeftBehind({ instance: name, code: removed.failure.code })
  }
}

function whereIs({ name, evolutionServer: server, evolutionToken: apiKey }: Made) {
  return { server, instance: name, apiKey }
}
