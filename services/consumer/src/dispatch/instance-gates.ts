import { DEFAULT_EVOLUTION_SERVER, type InstanceState } from '@whatsapp-sender/contract'
import type { EvolutionServers } from '@whatsapp-sender/evolution-client'
import type { Instance, InstanceDirectory, Instances } from '@whatsapp-sender/store'
import type { ConsumerEvents } from '../events.ts'
import type { Clock } from './clock.ts'
import { createGates, type Gates, type Sighting } from './gates.ts'
import { createStateNotes } from './state-notes.ts'

/** Gates over the real instances: looks ask Evolution, what is seen is kept in the database for everybody. */
export function createInstanceGates({
  evolution,
  directory,
  instances,
  clock,
  onOpen,
  onServerMoved,
  isMine,
  onTold,
  events,
}: Readonly<{
  evolution: Pick<EvolutionServers, 'connectionState' | 'fetchInstance'>
  directory: InstanceDirectory
  instances: Pick<Instances, 'setState' | 'setConfigurationError'>
  clock: Clock
  onOpen(instance: string | undefined): void
  onServerMoved(): void
  isMine(instance: string): boolean
  /** There may be something to tell of an instance. */
  onTold(): void
  events: ConsumerEvents
}>): Gates {
  const checkedAt = new Map<string, number>()
  /** By id, as this process saw it last: what it wrote comes back a little later. */
  const seenState = new Map<string, InstanceState>()
  const notes = createStateNotes({
    setState: async (id, state) => {
      await instances.setState(id, state)
      onTold()
    },
    isMine,
    onError: events.failed,
  })
  const gates = createGates({
    clock,
    onOpen,
    serverOf: (name) => directory.get(name)?.evolutionServer ?? DEFAULT_EVOLUTION_SERVER,
    onServerMoved: (server) => {
      events.evolutionMoved(server, gates.serversDown())
      onServerMoved()
    },
    isMine,
    isKnownOpen: (name) => {
      const instance = directory.get(name)
      if (instance === undefined) return true
      return instance.state === 'open' && hasToken(instance) && instance.configurationError === undefined
    },
    canLook: (name) => hasToken(directory.get(name)),
    look: async (name): Promise<Sighting> => {
      const instance = directory.get(name)
      const server = instance?.evolutionServer
      const seen = await evolution.connectionState({ server, instance: name, apiKey: instance?.evolutionToken ?? '' })
      if (!('failure' in seen) || seen.failure.code !== 'unauthorized') return seen
      // While its database is away Evolution refuses keys that are right, but not the global one: that one is told why.
      const registered = await evolution.fetchInstance({ server, name })
      return 'failure' in registered && registered.failure.ofServer ? registered : seen
    },
    onMoved: (name, seen) => {
      const instance = directory.get(name)
      if (instance === undefined) return
      if (seen.state !== undefined) noteState(instance, seen.state)
      if ('configurationError' in seen && seen.configurationError !== instance.configurationError) {
        events.instanceMoved(name, { configurationError: seen.configurationError })
        void instances.setConfigurationError(instance.id, seen.configurationError).catch(events.failed)
      }
    },
  })

  function noteState({ id, name, ...known }: Instance, state: InstanceState): void {
    const last = seenState.get(id)
    seenState.set(id, state)
    const isKnown = known.state === state && (last === undefined || last === state)
    if (isKnown && (state !== 'open' || known.qrNeededAt === undefined)) return
    if (!isKnown) events.instanceMoved(name, { state })
    notes.note({ id, name, state })
  }

  directory.onChange((instance) => {
    if (instance.deletedAt !== undefined) {
      checkedAt.delete(instance.id)
      seenState.delete(instance.id)
      return gates.forget(instance.name)
    }
    if (!hasToken(instance)) {
      events.instanceMoved(instance.name, { configurationError: instance.configurationError })
      return gates.forget(instance.name)
    }
    const asked = instance.checkAt?.getTime() ?? 0
    if (asked <= (checkedAt.get(instance.id) ?? 0) || !isMine(instance.name)) return
    checkedAt.set(instance.id, asked)
    gates.check(instance.name)
  })
  return {
    ...gates,
    // What is left of a deleted instance has to get through to its end; nothing of it is sent.
    isOpen: (name) => directory.get(name) === undefined || gates.isOpen(name),
    stop: () => {
      gates.stop()
      notes.stop()
    },
  }
}

function hasToken(instance: Instance | undefined): boolean {
  return instance !== undefined && instance.evolutionToken !== ''
}
