import type { Store } from '../src/index.ts'

type Profile = {
  planSummary?: string
  hasSortStage?: boolean
  keysExamined?: number
  docsExamined?: number
  keysInserted?: number
  keysDeleted?: number
}

/** How the server ran what the work asked of the ledger, or of another collection. */
export async function planIn(store: Store, work: () => Promise<unknown>, collection = 'messages') {
  const entries = await profileOf(store, work, collection)
  return {
    plans: entries.map(({ planSummary = '' }) => (planSummary === 'IDHACK' ? 'IXSCAN { _id: 1 }' : planSummary)),
    sorts: entries.filter(({ hasSortStage }) => hasSortStage).length,
    keys: sumOf(entries, 'keysExamined'),
    rows: sumOf(entries, 'docsExamined'),
  }
}

/** Keys of the ledger's indexes that the work wrote and deleted. */
export async function keysIn(store: Store, work: () => Promise<unknown>) {
  const entries = await profileOf(store, work, 'messages')
  return { written: sumOf(entries, 'keysInserted'), deleted: sumOf(entries, 'keysDeleted') }
}

function sumOf(
  entries: readonly Profile[],
  field: 'keysExamined' | 'docsExamined' | 'keysInserted' | 'keysDeleted',
): number {
  return entries.reduce((sum, entry) => sum + (entry[field] ?? 0), 0)
}

async function profileOf({ db }: Store, work: () => Promise<unknown>, collection: string): Promise<Profile[]> {
  await db.command({ profile: 2 })
  await work()
  await db.command({ profile: 0 })
  const profile = db.collection<Profile>('system.profile')
  const entries = await profile.find({ ns: `${db.databaseName}.${collection}` }).toArray()
  await profile.drop()
  return entries
}
