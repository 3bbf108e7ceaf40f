import { setTimeout as wait } from 'node:timers/promises'
import { textOf } from '@whatsapp-sender/contract'
import { until } from '@whatsapp-sender/sandbox/process/until'
import type { MessageDocument } from '@whatsapp-sender/store'
import type { Asked, Sent } from '../support/gateway.ts'
import type { System } from '../support/system.ts'
import type { CommittedOffset, GatewayRequest, ProcessSample, RowOfLedger, RunLogs, Send } from './history.ts'
import { watchTopic } from './read-topic.ts'
import { watchRowChanges } from './row-changes.ts'
import { sampleProcesses } from './sample-processes.ts'

export type SystemLogs = Omit<RunLogs, 'policy' | 'calls' | 'owners' | 'paces' | 'windows' | 'mayEnd'>

/** Watches one system from its first message to its rest. */
export type SystemObserver = Readonly<{
  /**
   * Waits until everything in the topic is ingested and every row has ended.
   * @throws when that does not come
   */
  untilQuiet(timeoutMs: number): Promise<void>
  /** Samples so far. */
  processes(): readonly ProcessSample[]
  /** Everything, as it is now; the watch ends with it. */
  collect(): Promise<SystemLogs>
}>

const SAMPLE_EVERY_MS = 1000
/** Once quiet, offsets are looked at for so long: they must not go back. */
const QUIET_FOR_MS = 1500

export async function observeSystem(system: System): Promise<SystemObserver> {
  const { store, gateway } = system
  const topic = watchTopic(system)
  const changes = await watchRowChanges(store)
  const rows = store.db.collection<MessageDocument>('messages')
  const committed: CommittedOffset[] = []
  const processes: ProcessSample[] = []
  let quietAt: number | undefined
  const stopping = new AbortController()

  const sampling = (async () => {
    while (!stopping.signal.aborted) {
      processes.push(...(await sampleProcesses(system)))
      committed.push(...(await topic.committed().catch(() => [])))
      await wait(SAMPLE_EVERY_MS, undefined, { signal: stopping.signal }).catch(() => undefined)
    }
  })()

  const whatIsOpen = async (): Promise<string | undefined> => {
    const [ends, reached] = await Promise.all([topic.ends(), topic.committed()])
    const behind = ends.filter(({ partition, offset }) => {
      return offset > 0 && reached.find((each) => each.partition === partition)?.offset !== offset
    })
    if (behind.length > 0) return `partitions ${behind.map(({ partition }) => partition).join(', ')} are not ingested`
    const open = await rows.countDocuments({ open: 1 })
    return open === 0 ? undefined : `${open} rows are open`
  }

  return {
    untilQuiet: async (timeoutMs) => {
      let open: string | undefined
      try {
        await until(
          'all is quiet',
          async () => {
            open = await whatIsOpen().catch((error: unknown) => String(error))
            return open === undefined ? true : undefined
          },
          { timeoutMs, everyMs: 250 },
        )
      } catch {
        throw new Error(`not quiet after ${Math.round(timeoutMs / 1000)} s: ${open}`)
      }
      quietAt = Date.now()
      await wait(QUIET_FOR_MS)
    },
    processes: () => processes,
    collect: async () => {
      stopping.abort()
      await sampling
      processes.push(...(await sampleProcesses(system)))
      const last = await topic.committed()
      const ends = await topic.ends()
      const logs = {
        quietAt,
        committed: [...committed, ...last],
        ends,
        records: await topic.records(ends),
        changes: await changes.stop(),
        rows: (await rows.find().toArray()).map(rowOf),
        undecodable: await readUndecodable(),
        living: (await store.processes.all()).map(({ id }) => id),
        sends: (await gateway.journal()).map(sendOf),
        requests: (await gateway.requests()).map(requestOf),
        processes,
      }
      await topic.close()
      return logs
    },
  }

  async function readUndecodable(): Promise<RunLogs['undecodable']> {
    const kept = await store.db.collection<{ _id: string; at: Date }>('undecodable').find().toArray()
    return kept.map(({ _id, at }) => {
      const [, partition, offset] = _id.split('/')
      return { partition: Number(partition), offset: Number(offset), at: at.getTime() }
    })
  }
}

function rowOf(row: MessageDocument): RowOfLedger {
  return {
    id: row._id,
    user: row.user,
    instance: row.instance,
    to: row.to.replace('+', ''),
    text: textOf(row),
    status: row.status,
    reason: row.reason?.code,
    createdAt: row.createdAt.getTime(),
    attemptsCount: row.attemptsCount,
    attempts: row.attempts.map(({ outcome, error }) => ({ outcome, kind: error?.kind })),
    providerIds: row.providerIds ?? [],
    claimedBy: row.by,
  }
}

function sendOf({ sequence, at, instance, number, content, keyId }: Sent): Send {
  return { sequence, at: Date.parse(at), instance, number, text: content, keyId }
}

function requestOf({ at, answeredAt, instance, number, textHash, status }: Asked): GatewayRequest {
  return { at: Date.parse(at), answeredAt: Date.parse(answeredAt), instance, number, textHash, status }
}
