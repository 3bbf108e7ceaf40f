import { isJid, isRecipient, type Recipient } from '@whatsapp-sender/contract'
import { type Following, followChanges } from './follow-changes.ts'
import { formOf, type Suppressions } from './suppressions.ts'

/** Numbers of all users together: about 40 MB. */
const HELD_MAX = 500_000
/** What was asked of the database, which counts for a moment. */
const ASKED_MAX = 10_000
const ASKED_FOR_MS = 10_000

/** Digits as numbers: 15 of them are exact, and take a third of the memory that texts take. JIDs, which are few, as they are. */
type HeldForm = number | string

export type SuppressionBook = Following &
  Readonly<{
    name: string
    /** Undefined: it is not in memory, and whether it is listed only the database can tell. Never asks it. */
    has(user: string, number: string): boolean | undefined
    /** The same, asking the database where memory cannot tell; the answer is remembered for seconds. */
    find(user: string, number: string): Promise<boolean>
  }>

/**
 * All suppressions in memory, for the paths that cannot ask the database each time. Follows changes every `refreshMs`;
 * while MongoDB is down it goes on answering from what it read last. Holds 500,000 numbers; with more than these it can
 * only tell which are listed, and of no other that it is not.
 */
export function createSuppressionBook({
  suppressions,
  refreshMs,
  heldMax = HELD_MAX,
  onError,
  now = () => performance.now(),
}: Readonly<{
  suppressions: Pick<Suppressions, 'eachChangedSince' | 'find'>
  refreshMs: number
  heldMax?: number
  onError(error: unknown): void
  /** Monotonic, ms. */
  now?: () => number
}>): SuppressionBook {
  const byUser = new Map<string, Set<HeldForm>>()
  const asked = new Map<string, Readonly<{ isListed: boolean; until: number }>>()
  let held = 0
  let isAllHeld = true

  const take = (user: string, form: HeldForm, isListed: boolean): void => {
    const own = byUser.get(user)
    if (own?.has(form) === isListed) return
    if (!isListed) {
      if (own?.delete(form)) held -= 1
      if (own?.size === 0) byUser.delete(user)
    } else if (held >= heldMax) isAllHeld = false
    else {
      byUser.set(user, (own ?? new Set<HeldForm>()).add(form))
      held += 1
    }
  }

  const following = followChanges({
    read: async (since) => {
      let latest: Date | undefined
      await suppressions.eachChangedSince(since, ({ user, form, isListed, changedAt }) => {
        take(user, isJid(form) ? form : Number(form), isListed)
        if (latest === undefined || changedAt > latest) latest = changedAt
      })
      return latest
    },
    everyMs: refreshMs,
    onError,
    now,
  })

  const has = (user: string, number: string): boolean | undefined => {
    const own = byUser.get(user)
    if (own !== undefined && isRecipient(number) && own.has(heldFormOf(number))) return true
    if (isAllHeld && following.isLoaded()) return false
    const answer = asked.get(`${user}/${number}`)
    return answer !== undefined && answer.until > now() ? answer.isListed : undefined
  }

  return {
    name: 'suppression book',
    ...following,
    has,
    find: async (user, number) => {
      const known = has(user, number)
      if (known !== undefined) return known
      const isListed = isRecipient(number) && (await suppressions.find(user, number)) !== undefined
      if (asked.size >= ASKED_MAX) asked.clear()
      asked.set(`${user}/${number}`, { isListed, until: now() + ASKED_FOR_MS })
      return isListed
    },
  }
}

function heldFormOf(recipient: Recipient): HeldForm {
  const form = formOf(recipient)
  return isJid(form) ? form : Number(form)
}
