import { DEFAULT_EVOLUTION_SERVER } from '@whatsapp-sender/contract'
import type { EvolutionServerList, EvolutionServersStore } from './evolution-servers.ts'
import { type Following, followChanges } from './follow-changes.ts'

export type EvolutionServerDirectory = Following &
  Readonly<{
    name: string
    /** As it was last read; nothing but the server of the environment before. */
    list(): EvolutionServerList
  }>

const NONE: EvolutionServerList = { servers: [], chosen: DEFAULT_EVOLUTION_SERVER }

/** All Evolution servers in memory, read anew every `refreshMs`: they are few. */
export function createEvolutionServerDirectory({
  servers,
  refreshMs,
  onRead,
  onError,
}: Readonly<{
  servers: Pick<EvolutionServersStore, 'list'>
  refreshMs: number
  /** What is there now, changed or not. */
  onRead(list: EvolutionServerList): void
  onError(error: unknown): void
}>): EvolutionServerDirectory {
  let list = NONE
  const following = followChanges({
    read: async () => {
      list = await servers.list()
      onRead(list)
      return undefined
    },
    everyMs: refreshMs,
    onError,
    now: () => performance.now(),
  })
  return { name: 'evolution servers', ...following, list: () => list }
}
