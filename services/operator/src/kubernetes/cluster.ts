import { z } from 'zod'
import type { ReadCredentials } from './credentials.ts'
import { createDiscovery, rootOf } from './discovery.ts'
import { isNotFound } from './kubernetes-error.ts'
import { KubernetesObject, type ObjectReference, referenceOf } from './kubernetes-object.ts'
import { createTransport, type KubernetesRequest } from './transport.ts'
import { readWatchEvents, type WatchEvent } from './watch-events.ts'

/** Who the fields that we apply belong to. */
const FIELD_MANAGER = 'whatsapp-operator'

/** Objects of one kind: all of a namespace or, where it is left out, of the cluster. */
export type Selection = Readonly<{
  apiVersion: string
  kind: string
  namespace?: string | undefined
  labelSelector?: string | undefined
}>

/**
 * The Kubernetes API, of which every part is used as plain JSON: client-node's own calls go through a serializer that
 * drops the fields its models do not know, and under server-side apply a dropped field is a field given up.
 *
 * Each request has a time limit, and each failure is a `KubernetesError`.
 */
export type Cluster = Readonly<{
  /**
   * Server-side apply: makes the object, or brings the fields it names in step; what we named before and not now goes.
   * Without `force` a field that another manager owns is a conflict (409); with it, it becomes ours.
   * `dryRun` answers what would be, and changes nothing. Send what is meant, never what was read.
   */
  apply(object: KubernetesObject, options: Readonly<{ force: boolean; dryRun?: boolean }>): Promise<KubernetesObject>
  /** As `apply` with force, of the status alone. 404 when the object is gone. */
  applyStatus(object: KubernetesObject): Promise<KubernetesObject>
  /** 409 `AlreadyExists` when there is one. */
  create(object: KubernetesObject): Promise<KubernetesObject>
  /** Writes the whole object; 409 unless `metadata.resourceVersion` is the newest. */
  replace(object: KubernetesObject): Promise<KubernetesObject>
  /** Undefined when there is none. `metadataOnly` leaves out what is not metadata. */
  read(
    reference: ObjectReference,
    options?: Readonly<{ metadataOnly?: boolean }>,
  ): Promise<KubernetesObject | undefined>
  list(selection: Selection): Promise<readonly KubernetesObject[]>
  /** Objects as of one version, from which a watch can go on. */
  listWithVersion(selection: Selection): Promise<Listing>
  /** What happens after `resourceVersion`, for about `timeoutSeconds`. */
  watch(selection: Selection, from: WatchStart): AsyncIterable<WatchEvent>
  /**
   * False when it was gone already. With `uid` only that very object: 409 when another has its name by now. What it
   * owns goes after it, in the background.
   */
  remove(reference: ObjectReference, options?: Readonly<{ uid?: string | undefined }>): Promise<boolean>
  close(): Promise<void>
}>

export type Listing = Readonly<{ resourceVersion: string; items: readonly KubernetesObject[] }>
export type WatchStart = Readonly<{ resourceVersion: string; timeoutSeconds: number; signal: AbortSignal }>

const PAGE_SIZE = 500
const METADATA_ONLY = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1'

const ListPage = z.object({
  metadata: z.looseObject({ resourceVersion: z.string(), continue: z.string().optional() }),
  items: z.array(z.looseObject({})),
})

export function createCluster({
  readCredentials,
  requestTimeoutMs = 10_000,
}: Readonly<{ readCredentials: ReadCredentials; requestTimeoutMs?: number }>): Cluster {
  const transport = createTransport({ readCredentials, requestTimeoutMs })
  const discovery = createDiscovery(transport)

  async function pathOf({ apiVersion, kind, namespace }: Selection, name?: string): Promise<string> {
    const { plural, isNamespaced } = await discovery.find({ apiVersion, kind })
    if (isNamespaced && name !== undefined && namespace === undefined) {
      throw new Error(`${kind} ${name} has no namespace`)
    }
    const parts = [plural, ...(name === undefined ? [] : [name])]
    const place = isNamespaced && namespace !== undefined ? ['namespaces', namespace, ...parts] : parts
    return `${rootOf(apiVersion)}/${place.map(encodeURIComponent).join('/')}`
  }

  async function write(object: KubernetesObject, request: Omit<KubernetesRequest, 'path'>, subresource = '') {
    const reference = referenceOf(object)
    const isNew = request.method === 'POST'
    const path = await pathOf(reference, isNew ? undefined : reference.name)
    return KubernetesObject.parse(await transport.call({ body: object, ...request, path: `${path}${subresource}` }))
  }

  function applied(force: boolean, dryRun = false): Omit<KubernetesRequest, 'path'> {
    return {
      method: 'PATCH',
      contentType: 'application/apply-patch+yaml',
      query: { fieldManager: FIELD_MANAGER, force: String(force), dryRun: dryRun ? 'All' : undefined },
    }
  }

  async function listWithVersion(selection: Selection): Promise<Listing> {
    const path = await pathOf(selection)
    const items: KubernetesObject[] = []
    let page: z.infer<typeof ListPage> | undefined
    do {
      const query = {
        limit: String(PAGE_SIZE),
        labelSelector: selection.labelSelector,
        continue: page?.metadata.continue || undefined,
      }
      page = ListPage.parse(await transport.call({ method: 'GET', path, query }))
      // The items of a list of a built-in kind do not say what they are.
      const { apiVersion, kind } = selection
      for (const item of page.items) items.push(KubernetesObject.parse({ ...item, apiVersion, kind }))
    } while (page.metadata.continue)
    return { resourceVersion: page.metadata.resourceVersion, items }
  }

  return {
    apply: (object, { force, dryRun }) => write(object, applied(force, dryRun)),
    applyStatus: (object) => write(object, applied(true), '/status'),
    create: (object) => write(object, { method: 'POST', query: { fieldManager: FIELD_MANAGER } }),
    replace: (object) => write(object, { method: 'PUT', query: { fieldManager: FIELD_MANAGER } }),
    read: async (reference, { metadataOnly = false } = {}) => {
      const path = await pathOf(reference, reference.name)
      const accept = metadataOnly ? METADATA_ONLY : undefined
      const { apiVersion, kind } = reference
      return unlessGone(async () => {
        const object = KubernetesObject.parse(await transport.call({ method: 'GET', path, accept }))
        return { ...object, apiVersion, kind }
      })
    },
    list: async (selection) => (await listWithVersion(selection)).items,
    listWithVersion,
    watch: async function* watch(selection, { resourceVersion, timeoutSeconds, signal }) {
      const path = await pathOf(selection)
      const query = {
        watch: 'true',
        allowWatchBookmarks: 'true',
        resourceVersion,
        timeoutSeconds: String(timeoutSeconds),
        labelSelector: selection.labelSelector,
      }
      const bytes = await transport.open({ method: 'GET', path, query }, signal)
      yield* readWatchEvents(bytes, `watch ${path}`)
    },
    remove: async (reference, { uid } = {}) => {
      const path = await pathOf(reference, reference.name)
      const body = {
        apiVersion: 'v1',
        kind: 'DeleteOptions',
        propagationPolicy: 'Background',
        ...(uid !== undefined && { preconditions: { uid } }),
      }
      return (await unlessGone(() => transport.call({ method: 'DELETE', path, body }))) !== undefined
    },
    close: transport.close,
  }
}

async function unlessGone<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask()
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}
