import type { InstanceAccess } from '@whatsapp-sender/contract'
import { type Instance, mayUse } from '@whatsapp-sender/store'
import { inTime } from '../in-time.ts'
import { type Principal, reaches } from '../principal.ts'

type Caller = Pick<Principal, 'id' | 'key' | 'manager'>

/** `unknown`: the memory has no such instance, and the database could not be asked in time. */
export type FoundInstance = Instance | 'missing' | 'unknown'

/** From memory at once in all but the last resort: another replica may have created the instance a moment ago. */
export type InstanceLookup = Readonly<{
  /** Missing, too, when the caller's key does not reach it. A manager finds all, here and below. */
  owned(name: string, owner: Caller): FoundInstance | Promise<FoundInstance>
  /** His own, or one that its owner lets him use so. Missing, too, when he may do less with it. */
  usable(name: string, user: Caller, need: InstanceAccess): FoundInstance | Promise<FoundInstance>
  /** Deleted ones too. */
  byId(id: string): FoundInstance | Promise<FoundInstance>
}>

const REFRESH_TIMEOUT_MS = 1000

export function createInstanceLookup(directory: {
  get(name: string): Instance | undefined
  byId(id: string): Instance | undefined
  refresh(): Promise<void>
}): InstanceLookup {
  async function afterRefresh(find: () => Instance | undefined): Promise<FoundInstance> {
    const refreshed = await inTime(directory.refresh(), REFRESH_TIMEOUT_MS)
    return find() ?? (refreshed.kind === 'done' ? 'missing' : 'unknown')
  }

  function find(
    name: string,
    user: Caller,
    fits: (instance: Instance) => boolean,
  ): FoundInstance | Promise<FoundInstance> {
    const look = () => {
      const instance = directory.get(name)
      return instance !== undefined && fits(instance) ? instance : undefined
    }
    if (!reaches(user, name)) return 'missing'
    return look() ?? afterRefresh(look)
  }

  return {
    owned: (name, owner) => find(name, owner, (instance) => owner.manager !== undefined || instance.owner === owner.id),
    usable: (name, user, need) =>
      find(name, user, (instance) => user.manager !== undefined || mayUse(instance, user.id, need)),
    byId: (id) => directory.byId(id) ?? afterRefresh(() => directory.byId(id)),
  }
}
