import { z } from 'zod'
import { isNotFound, KubernetesError } from './kubernetes-error.ts'
import type { Transport } from './transport.ts'

const ResourceList = z.object({
  resources: z.array(z.object({ name: z.string(), kind: z.string(), namespaced: z.boolean() })),
})

type Resource = Readonly<{ plural: string; isNamespaced: boolean }>

/** What the path of a kind is. */
export type Discovery = Readonly<{
  /** Asks the server once for each apiVersion, and again for a kind that is not known: its CRD may have come since. */
  find(kind: Readonly<{ apiVersion: string; kind: string }>): Promise<Resource>
}>

/** @throws {KubernetesError} 404 `UnknownKind` for a kind that the server does not serve */
export function createDiscovery(transport: Pick<Transport, 'call'>): Discovery {
  const known = new Map<string, ReadonlyMap<string, Resource>>()
  const asking = new Map<string, Promise<ReadonlyMap<string, Resource>>>()

  function ask(apiVersion: string): Promise<ReadonlyMap<string, Resource>> {
    const begun = asking.get(apiVersion)
    if (begun !== undefined) return begun
    const asked = readResources(transport, apiVersion)
      .then((resources) => {
        known.set(apiVersion, resources)
        return resources
      })
      .finally(() => asking.delete(apiVersion))
    asking.set(apiVersion, asked)
    return asked
  }

  return {
    find: async ({ apiVersion, kind }) => {
      const found = known.get(apiVersion)?.get(kind) ?? (await ask(apiVersion)).get(kind)
      if (found !== undefined) return found
      throw new KubernetesError({
        status: 404,
        reason: 'UnknownKind',
        message: `The cluster does not know ${kind} of ${apiVersion}: is its CustomResourceDefinition installed?`,
      })
    },
  }
}

/** `/api/v1` for the core, `/apis/group/version` for all else. */
export function rootOf(apiVersion: string): string {
  return apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
}

async function readResources(
  transport: Pick<Transport, 'call'>,
  apiVersion: string,
): Promise<ReadonlyMap<string, Resource>> {
  const answer = await transport.call({ method: 'GET', path: rootOf(apiVersion) }).catch((error: unknown) => {
    if (isNotFound(error)) return { resources: [] }
    throw error
  })
  const { resources } = ResourceList.parse(answer)
  return new Map(
    resources
      .filter(({ name }) => !name.includes('/'))
      .map(({ name, kind, namespaced }) => [kind, { plural: name, isNamespaced: namespaced }]),
  )
}
