import type { mongo } from 'mongoose'
import { type Sealing, SealingError } from './sealing.ts'

/** How many values were sealed anew, and how many none of the keys opens. */
export type Resealed = Readonly<{ resealed: number; unreadable: number }>

type Sealed = string | undefined
/** `secrets` are those of the endpoints of webhooks, of which there are several at a time. */
type Row = Readonly<{ _id: string; secrets?: readonly Readonly<{ sealed: string }>[] }> &
  Readonly<Record<string, unknown>>

/** Where each collection keeps what is sealed, and the field that its seal is for. */
const PLACES = [
  { collection: 'instances', stored: 'sealedEvolutionToken', field: 'evolutionToken' },
  { collection: 'evolution_servers', stored: 'sealedApiKey', field: 'apiKey' },
  { collection: 'bulk_operations', stored: 'sealedTo', field: 'to' },
  { collection: 'person_erasures', stored: 'sealedNumber', field: 'number' },
  { collection: 'idempotent_answers', stored: 'sealedBodyHash', field: 'bodyHash' },
  { collection: 'idempotent_answers', stored: 'sealedAnswer', field: 'answer' },
] as const
const WEBHOOKS = { collection: 'webhook_endpoints', field: 'secrets' } as const

/**
 * Seals with the newest key what another key has sealed, so that the other one can go. Each value is exchanged only while
 * it is what was read, so services may run meanwhile, if they have the newest key too.
 */
export function createReseal(db: mongo.Db, sealing: Sealing): () => Promise<Resealed> {
  /** Undefined: there is nothing to do. */
  const anew = (sealed: Sealed, place: Readonly<{ collection: string; id: string; field: string }>): Sealed =>
    sealed === undefined || sealing.isNewest(sealed) ? undefined : sealing.seal(sealing.open(sealed, place), place)

  async function resealRow(row: Row, { collection, stored, field }: (typeof PLACES)[number]): Promise<number> {
    const { [stored]: sealed } = row
    const again = anew(typeof sealed === 'string' ? sealed : undefined, { collection, id: row._id, field })
    if (again === undefined) return 0
    const of = db.collection<Row>(collection)
    return (await of.updateOne({ _id: row._id, [stored]: sealed }, { $set: { [stored]: again } })).modifiedCount
  }

  async function resealWebhook({ _id, secrets = [] }: Row): Promise<number> {
    const { collection, field } = WEBHOOKS
    const again = secrets.map(({ sealed, ...rest }) => ({
      ...rest,
      sealed: anew(sealed, { collection, id: _id, field }) ?? sealed,
    }))
    const changed = again.filter(({ sealed }, at) => sealed !== secrets[at]?.sealed).length
    if (changed === 0) return 0
    const { modifiedCount } = await db
      .collection<Row>(collection)
      .updateOne({ _id, secrets }, { $set: { secrets: again } })
    return modifiedCount * changed
  }

  return async () => {
    const counts = { resealed: 0, unreadable: 0 }
    const every = async (collection: string, reseal: (row: Row) => Promise<number>): Promise<void> => {
      for await (const row of db.collection<Row>(collection).find({}, { readConcern: 'majority' })) {
        counts.resealed += await reseal(row).catch((error: unknown) => {
          if (!(error instanceof SealingError)) throw error
          counts.unreadable += 1
          return 0
        })
      }
    }
    for (const place of PLACES) await every(place.collection, (row) => resealRow(row, place))
    await every(WEBHOOKS.collection, resealWebhook)
    return counts
  }
}
