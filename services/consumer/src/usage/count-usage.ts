import type { IngestedMessage, Outcome, Usage, UsageBook, UsageCounts } from '@whatsapp-sender/store'

const WRITE_EVERY_MS = 10_000
/** Users and instances counted at once; beyond, they are written at once. */
const KEYS_MAX = 10_000

type Whose = Readonly<{ user: string; instance: string }>

/**
 * Counts in memory and adds up in the database every ten seconds: counting costs sending nothing. A process that is
 * killed takes its last seconds with it; and when the answer to a write is lost, that write may count twice.
 */
export function createCountUsage({
  add,
  storeNow,
  onError,
  everyMs = WRITE_EVERY_MS,
  keysMax = KEYS_MAX,
}: Readonly<{
  add: UsageBook['add']
  storeNow(): number
  onError(error: unknown): void
  everyMs?: number
  keysMax?: number
}>) {
  let counted = new Map<string, Usage>()
  let timer: NodeJS.Timeout | undefined
  let writing: Promise<void> = Promise.resolve()

  const count = ({ user, instance }: Whose, what: keyof UsageCounts, by = 1): void => {
    const day = new Date(storeNow()).toISOString().slice(0, 10)
    const key = `${day}/${user}/${instance}`
    const known = counted.get(key) ?? { day, user, instance, accepted: 0, sent: 0, failed: 0, unknown: 0 }
    counted.set(key, { ...known, [what]: known[what] + by })
    if (counted.size >= keysMax) flush()
  }
  const flush = (): void => {
    writing = writing.then(write)
  }
  const write = async (): Promise<void> => {
    const usages = [...counted.values()]
    counted = new Map()
    try {
      await add(usages)
    } catch (error) {
      onError(error)
      for (const usage of usages) takeBack(usage)
    }
  }
  const takeBack = (usage: Usage): void => {
    // While the database is away hardly anything happens, so what is kept does not grow.
    if (counted.size >= keysMax) return
    const key = `${usage.day}/${usage.user}/${usage.instance}`
    const since = counted.get(key)
    counted.set(key, since === undefined ? usage : sumOf(usage, since))
  }

  return {
    name: 'usage',
    start: async () => {
      timer = setInterval(flush, everyMs)
    },
    stop: async () => {
      clearInterval(timer)
      flush()
      await writing
    },
    accepted: (messages: readonly IngestedMessage[]): void => {
      for (const { record } of messages) count(record, 'accepted')
    },
    outcome: (row: Whose, { status }: Pick<Outcome, 'status'>): void => {
      const what = COUNTED_AS[status]
      if (what !== undefined) count(row, what)
    },
  }
}

const COUNTED_AS: Readonly<Partial<Record<Outcome['status'], keyof UsageCounts>>> = {
  sent: 'sent',
  failed: 'failed',
  'dead-lettered': 'failed',
  unknown: 'unknown',
}

function sumOf(a: Usage, b: Usage): Usage {
  return {
    ...a,
    accepted: a.accepted + b.accepted,
    sent: a.sent + b.sent,
    failed: a.failed + b.failed,
    unknown: a.unknown + b.unknown,
  }
}
