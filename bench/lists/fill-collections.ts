import { until } from '@whatsapp-sender/sandbox/process/until'
import type { Store } from '@whatsapp-sender/store'

const BATCH = 1000
const AT_ONCE = 4
const TOLD_EVERY_MS = 10_000
const INDEXES_TIMEOUT_MS = 3_600_000

/** So many documents of any collection, the oldest first. */
export type Documents = Readonly<{ collection: string; count: number; documentAt(n: number): { _id: string } }>

/**
 * Fills collections of a database that nothing is at work with, and then makes their indexes: in that order it takes a
 * third of the time. It says every ten seconds how far it is.
 */
export async function fillCollections(
  store: Store,
  filled: readonly Documents[],
): Promise<Readonly<{ insertSeconds: number; indexSeconds: number }>> {
  const startedAt = performance.now()
  for (const documents of filled) {
    await store.db.collection(documents.collection).drop()
    await insertAll(store, documents)
  }
  const insertedAt = performance.now()
  console.log('the indexes are being made')
  // The connection gives up after ten seconds; the server goes on, and whoever asks again waits for it.
  await tellingHowFar(
    () => indexesUnderWay(store),
    () =>
      until(
        'the indexes are there',
        () =>
          store.ensureIndexes().then(
            () => true,
            () => undefined,
          ),
        { timeoutMs: INDEXES_TIMEOUT_MS, everyMs: 1000 },
      ),
  )
  const seconds = (from: number, to: number) => Math.round((to - from) / 1000)
  return { insertSeconds: seconds(startedAt, insertedAt), indexSeconds: seconds(insertedAt, performance.now()) }
}

async function insertAll({ db }: Store, { collection, count, documentAt }: Documents): Promise<void> {
  const documents = db.collection<{ _id: string }>(collection)
  let next = 0
  const insertNext = async (): Promise<void> => {
    while (next < count) {
      const from = next
      next += BATCH
      const batch = Array.from({ length: Math.min(BATCH, count - from) }, (_, n) => documentAt(from + n))
      await documents.insertMany(batch, { ordered: false, writeConcern: { w: 1 } })
    }
  }
  const howFar = () => Promise.resolve(`${Math.min(next, count)} of ${count} ${collection}`)
  await tellingHowFar(howFar, () => Promise.all(Array.from({ length: AT_ONCE }, insertNext)))
  console.log(`${count} ${collection}`)
}

async function tellingHowFar(howFar: () => Promise<string | undefined>, work: () => Promise<unknown>): Promise<void> {
  const startedAt = performance.now()
  const tell = async (): Promise<void> => {
    const told = await howFar().catch(() => undefined)
    if (told !== undefined) console.log(`${told}, after ${Math.round((performance.now() - startedAt) / 1000)} s`)
  }
  const timer = setInterval(() => void tell(), TOLD_EVERY_MS)
  try {
    await work()
  } finally {
    clearInterval(timer)
  }
}

/** In the words of the server. */
async function indexesUnderWay({ db }: Store): Promise<string | undefined> {
  const operations = db.client
    .db('admin')
    .aggregate<{ msg: string }>([
      { $currentOp: { allUsers: true } },
      { $match: { msg: { $regex: '^Index Build' } } },
      { $project: { msg: 1 } },
    ])
  const messages = await operations.toArray()
  return messages.length === 0 ? undefined : [...new Set(messages.map(({ msg }) => msg))].join(' · ')
}
