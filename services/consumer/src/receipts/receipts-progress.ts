import type { Admin, Kafka } from 'kafkajs'
import { createRenewedAdmin } from '../kafka/renewed-admin.ts'

/** Tells whether the events of Evolution that came up to a moment are stored, whichever process reads them. */
export type ReceiptsProgress = Readonly<{
  name: string
  /** False also when Kafka cannot tell. Asks Kafka at most once a second. */
  readPast(instant: Date): Promise<boolean>
  stop(): Promise<void>
}>

type EndOffsets = Readonly<{ takenAt: number; ends: ReadonlyMap<number, Readonly<{ low: bigint; end: bigint }>> }>

const ASK_EVERY_MS = 1000

/** `now` is the clock that instants are given by, ms since the epoch. */
export function createReceiptsProgress({
  kafka,
  topic,
  group,
  now = Date.now,
}: Readonly<{ kafka: Pick<Kafka, 'admin'>; topic: string; group: string; now?: () => number }>): ReceiptsProgress {
  const admin = createRenewedAdmin(kafka)
  let asking: Promise<void> | undefined
  let askedAt = Number.NEGATIVE_INFINITY
  let readUpTo = Number.NEGATIVE_INFINITY
  // Kept until the group has passed it: a newer one would always be a little ahead under load.
  let goal: EndOffsets | undefined

  const ask = async (client: Admin, instant: number): Promise<void> => {
    goal ??= await endOffsets(client, topic, now())
    if (!(await hasPassed(client, { goal, topic, group }))) return
    readUpTo = Math.max(readUpTo, goal.takenAt)
    goal = undefined
    if (readUpTo < instant && now() >= instant) await ask(client, instant)
  }

  return {
    name: 'receipts progress',
    readPast: async (instant) => {
      const moment = instant.getTime()
      if (readUpTo >= moment) return true
      if (now() < moment) return false
      if (asking === undefined && performance.now() - askedAt >= ASK_EVERY_MS) {
        askedAt = performance.now()
        asking = admin
          .ask((client) => ask(client, moment))
          .catch(() => {})
          .finally(() => {
            asking = undefined
          })
      }
      await asking
      return readUpTo >= moment
    },
    stop: async () => {
      await asking
      await admin.close()
    },
  }
}

async function endOffsets(admin: Admin, topic: string, takenAt: number): Promise<EndOffsets> {
  const partitions = await admin.fetchTopicOffsets(topic)
  return {
    takenAt,
    ends: new Map(partitions.map(({ partition, low, high }) => [partition, { low: BigInt(low), end: BigInt(high) }])),
  }
}

/** A partition without a committed offset is read from its low end. */
async function hasPassed(
  admin: Admin,
  { goal, topic, group }: Readonly<{ goal: EndOffsets; topic: string; group: string }>,
): Promise<boolean> {
  const [committed] = await admin.fetchOffsets({ groupId: group, topics: [topic] })
  const next = new Map(committed?.partitions.map(({ partition, offset }) => [partition, BigInt(offset)]))
  return [...goal.ends].every(([partition, { low, end }]) => {
    const position = next.get(partition) ?? -1n
    return (position > low ? position : low) >= end
  })
}
