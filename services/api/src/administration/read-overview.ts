import type { Instances, Ledger, LivingProcess, MessageRow, Processes } from '@whatsapp-sender/store'
import { inTime } from '../in-time.ts'
import type { GroupLag } from '../kafka/group-lag.ts'
import { waitingMessages } from './waiting-messages.ts'

/** What each part of the overview has to say; null when it could not be asked in time, and `missing` names it. */
export type Overview = Readonly<{
  at: Date
  instances: Awaited<ReturnType<Instances['countLive']>> | null
  messages: ReturnType<typeof waitingMessages> | null
  consumers: ReturnType<typeof consumersOf> | null
  kafka: readonly GroupLag[] | null
  deadLetters: readonly ReturnType<typeof deadLetterOf>[] | null
  missing: readonly string[]
}>

const PART_TIMEOUT_MS = 4000
/** Several who look at once ask once. */
const KEPT_MS = 2000
const DEAD_LETTERS = 5
const RECENT_MINUTES = 5

/** All parts are asked at once, each for a bounded time, so that the overview comes also when something is down. */
export function createReadOverview(o: {
  countInstances: Instances['countLive']
  countWaiting: Ledger['countWaiting']
  listProcesses: Processes['living']
  listDeadLetters: Ledger['listDeadLetters']
  readLags(): Promise<GroupLag[]>
  instanceById: Parameters<typeof waitingMessages>[1]
  /** Names of the Evolution servers. */
  listServers(): readonly string[]
  now?: () => number
}): () => Promise<Overview> {
  const { now = () => performance.now() } = o
  let kept: { at: number; overview: Promise<Overview> } | undefined
  return () => {
    if (kept === undefined || now() - kept.at > KEPT_MS) kept = { at: now(), overview: read() }
    return kept.overview
  }

  async function read(): Promise<Overview> {
    const missing: string[] = []
    const part = async <T>(name: string, work: Promise<T>): Promise<T | null> => {
      const result = await inTime(work, PART_TIMEOUT_MS)
      if (result.kind === 'done') return result.value
      missing.push(name)
      return null
    }
    const [instances, waiting, processes, kafka, letters] = await Promise.all([
      part('instances', o.countInstances()),
      part('messages', o.countWaiting()),
      part('consumers', o.listProcesses()),
      part('kafka', o.readLags()),
      part('deadLetters', o.listDeadLetters({}, { limit: DEAD_LETTERS })),
    ])
    return {
      at: new Date(),
      instances,
      messages: waiting && waitingMessages(waiting, o.instanceById),
      consumers: processes && consumersOf(processes, o.listServers()),
      kafka,
      deadLetters: letters?.data.map(deadLetterOf) ?? null,
      missing: missing.sort(),
    }
  }
}

function consumersOf(processes: readonly LivingProcess[], servers: readonly string[]) {
  const sum = (of: (process: LivingProcess) => number) => processes.reduce((total, each) => total + of(each), 0)
  return {
    living: processes.map(({ id, at, due, evolutionDown, partitions = [] }) => ({
      id,
      at,
      due,
      evolutionDown,
      partitions,
    })),
    due: sum(({ due }) => due),
    recent: {
      minutes: RECENT_MINUTES,
      accepted: sum(({ recent }) => recent?.accepted ?? 0),
      sent: sum(({ recent }) => recent?.sent ?? 0),
      failed: sum(({ recent }) => recent?.failed ?? 0),
    },
    evolution: servers.map((server) => ({
      server,
      heldBy: processes.filter(({ evolutionDown }) => evolutionDown.includes(server)).length,
    })),
  }
}

function deadLetterOf({ id, user, instance, status, reason, failedAt }: MessageRow) {
  return { id, user, instance, status, ...(reason && { reason: reason.code }), failedAt }
}
