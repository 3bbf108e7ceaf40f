import { createHash, randomUUID } from 'node:crypto'
import type { mongo } from 'mongoose'
import { isDuplicateKey } from './duplicate-key.ts'
import type { Sealing } from './sealing.ts'

/** What a caller names a request by: his key counts for himself, and for one route. `bodyHash` tells bodies apart. */
export type RepeatableRequest = Readonly<{ user: string; route: string; key: string; bodyHash: string }>

/**
 * - `begun`: it is the caller's turn; he ends with `keep` or `free`
 * - `answered`: it was done before
 * - `under-way`: another request of the same name is at it
 * - `reused`: the name belongs to a request with another body
 */
export type BeginResult =
  | Readonly<{ kind: 'begun'; turn: Turn }>
  | Readonly<{ kind: 'answered'; answer: string }>
  | Readonly<{ kind: 'under-way' | 'reused' }>

export type Turn = Readonly<{ id: string; token: string }>

/**
 * `leaseUntil`: as long as nobody has answered; whoever began has died when it is over. `sealedBodyHash`: a body may be so
 * short, or hold a number, that its hash would tell it.
 */
type AnswerDocument = {
  _id: string
  sealedBodyHash: string
  token: string
  leaseUntil?: Date
  sealedAnswer?: string
  expireAt: Date
}

export const IDEMPOTENT_ANSWER_INDEXES: readonly mongo.IndexDescription[] = [
  { name: 'expired', key: { expireAt: 1 }, expireAfterSeconds: 0 },
]

/** Answers hold secrets that are kept nowhere else but as hashes: not longer than people repeat a request. */
const KEPT_MS = 86_400_000
/** Longer than any request is worked on whose body is read before. */
const LEASE_MS = 120_000
/** What another has just written is read only when a majority has it, which may not come for as long as one is away. */
const TRIES_MAX = 20

type Wanted = Readonly<{ id: string; bodyHash: string; now: Date; leaseMs: number }>

export type IdempotentAnswers = ReturnType<typeof createIdempotentAnswers>

/** Collection `idempotent_answers`: what was answered to requests that have a name, for a day, sealed. */
export function createIdempotentAnswers(db: mongo.Db, sealing: Sealing) {
  const answers = db.collection<AnswerDocument>('idempotent_answers')

  const take = async (wanted: Wanted): Promise<Turn | undefined> => {
    const { id, now } = wanted
    const { turn, fresh } = turnOf(wanted)
    try {
      // What is over by time may not be removed yet.
      await answers.replaceOne({ _id: id, expireAt: { $lte: now } }, fresh, { upsert: true })
      return turn
    } catch (error) {
      if (isDuplicateKey(error)) return undefined
      throw error
    }
  }

  /** From whoever died at it; undefined: another was faster. */
  const takeOver = async ({ token }: AnswerDocument, wanted: Wanted) => {
    const { turn, fresh } = turnOf(wanted)
    const lapsed = { _id: wanted.id, token, leaseUntil: { $lte: wanted.now } }
    const { matchedCount } = await answers.replaceOne(lapsed, fresh)
    return matchedCount === 1 ? turn : undefined
  }

  const turnOf = ({ id, bodyHash, now, leaseMs }: Wanted) => {
    const token = randomUUID()
    const sealedBodyHash = sealing.seal(bodyHash, placeOf(id, 'bodyHash'))
    return {
      turn: { id, token },
      fresh: { sealedBodyHash, token, leaseUntil: after(now, leaseMs), expireAt: after(now, KEPT_MS) },
    }
  }

  /** Undefined: it changed meanwhile. */
  const judge = async (found: AnswerDocument, wanted: Wanted): Promise<BeginResult | undefined> => {
    const { id, now } = wanted
    const { sealedBodyHash, sealedAnswer, leaseUntil = now } = found
    if (sealing.open(sealedBodyHash, placeOf(id, 'bodyHash')) !== wanted.bodyHash) return { kind: 'reused' }
    if (sealedAnswer !== undefined) {
      return { kind: 'answered', answer: sealing.open(sealedAnswer, placeOf(id, 'answer')) }
    }
    if (leaseUntil > now) return { kind: 'under-way' }
    const turn = await takeOver(found, wanted)
    return turn && { kind: 'begun', turn }
  }

  return {
    /** `leaseMs`: how long it may take whoever begins. */
    begin: async (
      { user, route, key, bodyHash }: RepeatableRequest,
      now: Date,
      leaseMs = LEASE_MS,
    ): Promise<BeginResult> => {
      const id = createHash('sha256')
        .update(JSON.stringify([user, route, key]))
        .digest('base64url')
      const wanted = { id, bodyHash, now, leaseMs }
      for (let tries = 0; tries < TRIES_MAX; tries++) {
        const turn = await take(wanted)
        if (turn !== undefined) return { kind: 'begun', turn }
        const found = await answers.findOne({ _id: id }, { readConcern: 'majority', maxTimeMS: 5000 })
        // Freed or removed meanwhile.
        const result = found === null ? undefined : await judge(found, wanted)
        if (result !== undefined) return result
      }
      return { kind: 'under-way' }
    },
    /** What every repetition is answered with from now on. */
    keep: async ({ id, token }: Turn, answer: string): Promise<void> => {
      const sealedAnswer = sealing.seal(answer, placeOf(id, 'answer'))
      await answers.updateOne({ _id: id, token }, { $set: { sealedAnswer }, $unset: { leaseUntil: 1 } })
    },
    /** Nothing was done: the name is free again. */
    free: async ({ id, token }: Turn): Promise<void> => {
      await answers.deleteOne({ _id: id, token })
    },
  }
}

function after(now: Date, ms: number): Date {
  return new Date(now.getTime() + ms)
}

function placeOf(id: string, field: 'answer' | 'bodyHash') {
  return { collection: 'idempotent_answers', id, field }
}
