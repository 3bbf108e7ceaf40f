import type { Cluster } from './cluster.ts'

/** By the name of a Secret its version; undefined: there is none. */
export type SecretVersions = ReadonlyMap<string, string | undefined>

/**
 * Tells which resources name a Secret that has changed, come or gone since they were reconciled. The operator may read the
 * Secrets that it is told of, and neither list nor watch them, for either would show it all of the namespace: so it asks
 * for the version of each, a few at a time, and for no content.
 */
export type SecretPoll = Readonly<{
  /** From now on `key` is told of when one of these Secrets has another version. */
  follow(key: string, versions: SecretVersions): void
  forget(key: string): void
  stop(): Promise<void>
}>

/** So many take hundreds of Secrets through a round in time, and leave the API server to others. */
const AT_ONCE = 8

export function createSecretPoll({
  cluster,
  namespace,
  onChange,
  onError,
  everyMs = 10_000,
}: Readonly<{
  cluster: Pick<Cluster, 'read'>
  namespace: string
  onChange(key: string): void
  onError(error: unknown): void
  everyMs?: number
}>): SecretPoll {
  const followed = new Map<string, SecretVersions>()
  let timer: NodeJS.Timeout | undefined
  let asking: Promise<void> = Promise.resolve()
  let isStopped = false

  function askLater(): void {
    if (isStopped || timer !== undefined || followed.size === 0) return
    timer = setTimeout(() => {
      asking = ask()
        .catch(onError)
        .finally(() => {
          timer = undefined
          askLater()
        })
    }, everyMs)
  }

  async function ask(): Promise<void> {
    const names = new Set([...followed.values()].flatMap((versions) => [...versions.keys()]))
    const now = await versionsOf(names)
    for (const [key, versions] of followed) {
      if ([...versions].some(([name, version]) => now.has(name) && now.get(name) !== version)) onChange(key)
    }
  }

  async function versionsOf(names: ReadonlySet<string>): Promise<SecretVersions> {
    const versions = new Map<string, string | undefined>()
    const left = names.values()
    const askForNext = async () => {
      for (const name of left) {
        const reference = { apiVersion: 'v1', kind: 'Secret', name, namespace }
        const secret = await cluster.read(reference, { metadataOnly: true })
        versions.set(name, secret?.metadata.resourceVersion)
      }
    }
    const ends = await Promise.allSettled(Array.from({ length: AT_ONCE }, askForNext))
    for (const end of ends) if (end.status === 'rejected') throw end.reason
    return versions
  }

  return {
    follow: (key, versions) => {
      followed.set(key, versions)
      askLater()
    },
    forget: (key) => {
      followed.delete(key)
    },
    stop: async () => {
      isStopped = true
      clearTimeout(timer)
      await asking
    },
  }
}
