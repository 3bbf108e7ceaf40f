import { setTimeout as wait } from 'node:timers/promises'
import type { SendFailure } from '@whatsapp-sender/contract'
import type { EvolutionServers } from '@whatsapp-sender/evolution-client'
import type { Instance } from '@whatsapp-sender/store'
import { answerInTime, EVOLUTION_MS } from './answer-in-time.ts'

export type RemoveInstanceResult =
  | Readonly<{ kind: 'removed' }>
  /** Evolution has begun and has not let it go yet: it is still here, and asking again goes on with it. */
  | Readonly<{ kind: 'under-way' }>
  | Readonly<{ kind: 'evolution-failed'; failure: SendFailure }>

export type RemoveInstance = (
  instance: Instance,
  o: Readonly<{ keepInEvolution: boolean; by: string }>,
) => Promise<RemoveInstanceResult>

type Options = Readonly<{
  evolution: Pick<EvolutionServers, 'deleteInstance' | 'connectionState' | 'findWebhook' | 'unsetWebhook'>
  instances: Readonly<{ markDeleted(id: string): Promise<unknown> }>
  webhookUrl: string
  refreshDirectory(): Promise<void>
  onRemoved(removed: Readonly<{ instance: string; instanceId: string; by: string; keptInEvolution: boolean }>): void
  evolutionMs?: number
}>

const LOOK_EVERY_MS = 100
/** What is kept at Evolution has to be let go also while Evolution is away. */
const WEBHOOK_MS = 3000

/**
 * Removes it at Evolution, then here: its name is taken until Evolution has let it go, and a fault in between leaves an
 * instance that the same call removes. Its messages that wait are ended by the consumer.
 */
export function createRemoveInstance(o: Options): RemoveInstance {
  const { evolutionMs = EVOLUTION_MS } = o
  /** By instance id: whoever asks meanwhile gets the same answer, and no second request meets a new one of the name. */
  const underWay = new Map<string, Promise<RemoveInstanceResult>>()

  return (instance, how) => {
    const { id } = instance
    const running = underWay.get(id) ?? remove(instance, how).finally(() => underWay.delete(id))
    underWay.set(id, running)
    return running
  }

  async function remove(
    instance: Instance,
    { keepInEvolution, by }: Parameters<RemoveInstance>[1],
  ): Promise<RemoveInstanceResult> {
    const { id, name } = instance
    if (keepInEvolution) await endReports(instance)
    else if (instance.channel !== 'sandbox') {
      const obstacle = await removeAtEvolution(instance)
      if (obstacle !== undefined) return obstacle
    }
    await o.instances.markDeleted(id)
    await o.refreshDirectory().catch(() => {})
    o.onRemoved({ instance: name, instanceId: id, by, keptInEvolution: keepInEvolution })
    return { kind: 'removed' }
  }

  async function removeAtEvolution(instance: Instance): Promise<RemoveInstanceResult | undefined> {
    const endsAt = performance.now() + evolutionMs
    const of = whereIs(instance)
    const deleted = await answerInTime(o.evolution.deleteInstance(of), endsAt)
    if ('failure' in deleted && !isGone(deleted.failure)) return { kind: 'evolution-failed', failure: deleted.failure }
    // It removes it after its answer, and calls it gone before it is; until then a new one of the name would be refused.
    while (performance.now() < endsAt) {
      const live = await answerInTime(o.evolution.connectionState(of), endsAt)
      if ('failure' in live && isGone(live.failure)) return undefined
      await wait(LOOK_EVERY_MS)
    }
    return { kind: 'under-way' }
  }

  /** Nobody here waits for its events any more. It is no harm if they go on coming. */
  async function endReports(instance: Instance): Promise<void> {
    const endsAt = performance.now() + Math.min(WEBHOOK_MS, evolutionMs)
    const of = whereIs(instance)
    const found = await answerInTime(o.evolution.findWebhook(of), endsAt)
    if ('failure' in found || found.webhook?.url !== o.webhookUrl) return
    await answerInTime(o.evolution.unsetWebhook(of), endsAt)
  }
}

function whereIs({ name, evolutionServer: server, evolutionToken: apiKey }: Instance) {
  return { server, instance: name, apiKey }
}

function isGone({ code }: SendFailure): boolean {
  return code === 'instance-missing'
}
