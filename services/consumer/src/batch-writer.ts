/**
 * Gathers what many callers want written into one write at a time: what comes while a write flies, and for `gatherMs`
 * after it, goes together into the next. The first call after a silence does not wait.
 */
export type BatchWriter<Item, Result> = Readonly<{
  write(item: Item): Promise<Result>
  /** Resolves when nothing waits or flies. */
  idle(): Promise<void>
  size(): number
}>

type Waiting<Item, Result> = Readonly<{
  item: Item
  resolve(result: Result): void
  reject(error: unknown): void
}>

export function createBatchWriter<Item, Result>({
  writeAll,
  batchMax,
  gatherMs,
}: Readonly<{
  /** Must answer one result per item, in their order. */
  writeAll(items: readonly Item[]): Promise<readonly Result[]>
  batchMax: number
  gatherMs: number
}>): BatchWriter<Item, Result> {
  let waiting: Waiting<Item, Result>[] = []
  let flying = 0
  let scheduled = false
  const idleListeners: (() => void)[] = []

  const flush = async (): Promise<void> => {
    scheduled = false
    const batch = waiting.slice(0, batchMax)
    waiting = waiting.slice(batchMax)
    flying = batch.length
    try {
      const results = await writeAll(batch.map(({ item }) => item))
      settle(batch, results)
    } catch (error) {
      for (const each of batch) each.reject(error)
    }
    flying = 0
    if (waiting.length > 0) schedule(gatherMs)
    else for (const listener of idleListeners.splice(0)) listener()
  }

  const schedule = (delayMs: number): void => {
    if (scheduled || flying > 0) return
    scheduled = true
    if (delayMs === 0) setImmediate(() => void flush())
    else setTimeout(() => void flush(), delayMs)
  }

  return {
    write: (item) =>
      new Promise((resolve, reject) => {
        waiting.push({ item, resolve, reject })
        schedule(0)
      }),
    idle: async () => {
      if (waiting.length === 0 && flying === 0) return
      await new Promise<void>((resolve) => idleListeners.push(resolve))
    },
    size: () => waiting.length + flying,
  }
}

function settle<Item, Result>(batch: readonly Waiting<Item, Result>[], results: readonly Result[]): void {
  batch.forEach((each, index) => {
    const result = results[index]
    if (result === undefined) each.reject(new Error('the batch came back short'))
    else each.resolve(result)
  })
}
