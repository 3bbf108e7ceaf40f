import { isDeepStrictEqual } from 'node:util'
import type { Cluster } from '../kubernetes/cluster.ts'
import { createWorkQueue, type WorkQueue } from '../work-queue.ts'
import type { InstanceApi } from './instance-api.ts'
import type { InstanceResource } from './instance-resource.ts'
import type { LastStatus } from './last-status.ts'
import { codeInStatus } from './next-pairing.ts'
import { type Code, codeDataOf, pairingSecretName, removePairingSecret, writePairingSecret } from './pairing-secret.ts'

/**
 * Keeps the codes of pairings that are under way in their Secrets, apart from all else: the first code of one takes
 * Evolution API two seconds, and each has to be asked for again and again.
 */
export type Pairings = Readonly<{
  begin(resource: InstanceResource, api: Pick<InstanceApi, 'connect'>, endsAt: Date): void
  /** Its Secret is gone when this resolves. */
  end(resource: InstanceResource): Promise<void>
  /** The resource is gone, and its Secret with it. */
  forget(key: string): void
  /** Of one that is under way. */
  of(key: string): Readonly<{ endsAt: Date; code: LastStatus['pairing'] }> | undefined
  start(): void
  stop(): Promise<void>
  queue: Pick<WorkQueue, 'state'>
}>

type Entry = {
  readonly resource: InstanceResource
  readonly api: Pick<InstanceApi, 'connect'>
  endsAt: Date
  code?: Code
}

const LOOK_EVERY_MS = 5000
/** How long WhatsApp takes a code: the first one of a login longer than those after it. */
const FIRST_CODE_MS = 60_000
const NEXT_CODE_MS = 20_000
const WORKERS = 4
const RETRY = { baseMs: 1000, capMs: 30_000 }

export function createPairings({
  cluster,
  timed,
  onMoved,
  onTaken,
  onError,
  now = () => new Date(),
}: Readonly<{
  cluster: Pick<Cluster, 'read' | 'apply' | 'remove'>
  timed(run: () => Promise<void>): Promise<void>
  /** There is another code, or none any more, or it is connected. */
  onMoved(key: string): void
  /** A Secret of somebody else has the name of the one that is to be made. */
  onTaken(resource: InstanceResource, secretName: string): void
  onError: Parameters<typeof createWorkQueue>[0]['onError']
  now?(): Date
}>): Pairings {
  const entries = new Map<string, Entry>()
  const running = new Map<string, Promise<void>>()
  const queue = createWorkQueue({
    process: (key) => {
      const run = timed(() => look(key)).finally(() => running.delete(key))
      running.set(
        key,
        run.catch(() => {}),
      )
      return run
    },
    workers: WORKERS,
    onError,
    ...RETRY,
  })

  async function look(key: string): Promise<void> {
    const entry = entries.get(key)
    if (entry === undefined) return
    if (entry.endsAt <= now()) return await giveUp(entry)
    try {
      const connection = await entry.api.connect(entry.resource.instanceName)
      const isWanted = () => entries.get(key) === entry
      if (!isWanted()) return
      const data = codeDataOf(connection)
      if (connection.state === 'open') onMoved(key)
      else if (data !== undefined) await show(entry, data)
      if (isWanted()) queue.addAfter(key, LOOK_EVERY_MS)
    } catch (error) {
      await dropExpired(entry)
      throw error
    }
  }

  async function giveUp({ resource }: Entry): Promise<void> {
    entries.delete(resource.key)
    await removePairingSecret(cluster, resource)
    onMoved(resource.key)
  }

  async function show(entry: Entry, data: Code['data']): Promise<void> {
    const { resource, code } = entry
    if (code !== undefined && isDeepStrictEqual(code.data, data) && code.expiresAt > now()) return
    // It may have come right after the last look.
    const lifeMs = code === undefined ? FIRST_CODE_MS : NEXT_CODE_MS - LOOK_EVERY_MS
    const next = { data, expiresAt: new Date(now().getTime() + lifeMs) }
    if (!(await writePairingSecret(cluster, resource, next))) {
      onTaken(resource, pairingSecretName(resource))
      return
    }
    entry.code = next
    onMoved(resource.key)
  }

  async function dropExpired(entry: Entry): Promise<void> {
    if (entry.code === undefined || entry.code.expiresAt > now()) return
    await removePairingSecret(cluster, entry.resource)
    delete entry.code
    onMoved(entry.resource.key)
  }

  return {
    begin: (resource, api, endsAt) => {
      const there = entries.get(resource.key)
      if (there?.resource.uid === resource.uid) {
        there.endsAt = endsAt
        return
      }
      entries.set(resource.key, { resource, api, endsAt })
      queue.add(resource.key)
    },
    end: async (resource) => {
      entries.delete(resource.key)
      // It must not be written again by a look that was under way.
      await running.get(resource.key)
      await removePairingSecret(cluster, resource)
    },
    forget: (key) => entries.delete(key),
    of: (key) => {
      const entry = entries.get(key)
      if (entry === undefined) return undefined
      const { resource, endsAt, code } = entry
      const shown = code && codeInStatus(pairingSecretName(resource), code.expiresAt, endsAt)
      return { endsAt, code: shown }
    },
    start: queue.start,
    stop: queue.stop,
    queue,
  }
}
