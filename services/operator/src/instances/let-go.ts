import type { InstanceApi } from './instance-api.ts'
import type { InstanceResource } from './instance-resource.ts'
import { SenderUnavailableError } from './sender-api.ts'

/** Beyond it a resource is let go although the API did not do what its deletion policy says. */
const PATIENCE_MS = 600_000

/** What came of a resource that is being deleted. `waiting`: it is tried again. */
export type LetGo = Readonly<{ done: true; leftBehind?: string }> | Readonly<{ done: false; waiting: string }>

/** Does what the deletion policy says, or gives up on it in the end: nobody waits for ever. */
export async function letGo(
  api: Pick<InstanceApi, 'find' | 'remove' | 'logOut' | 'release'>,
  resource: InstanceResource,
  now: Date,
): Promise<LetGo> {
  try {
    await obey(api, resource)
    return { done: true }
  } catch (error) {
    const why = error instanceof Error ? error.message : 'unknown failure'
    const isGone = error instanceof SenderUnavailableError && error.reason === 'SenderMissing'
    const isLate = now.getTime() - (resource.deletedAt?.getTime() ?? 0) >= PATIENCE_MS
    if (!isGone && !isLate) return { done: false, waiting: why }
    return { done: true, leftBehind: `The instance ${resource.instanceName} is left as it is: ${why}` }
  }
}

async function obey(
  api: Pick<InstanceApi, 'find' | 'remove' | 'logOut' | 'release'>,
  { instanceName: name, spec: { deletionPolicy } }: InstanceResource,
): Promise<void> {
  const observed = await api.find(name)
  // What Kubernetes does not keep is not its to end.
  if (observed?.managedBy !== 'kubernetes') return
  if (deletionPolicy === 'Delete') return await api.remove(name)
  if (deletionPolicy === 'Logout' && observed.kind === 'whatsapp') await api.logOut(name)
  await api.release(name)
}
