import { type MessageStatus, OPEN_STATUSES, type Pace } from '@whatsapp-sender/contract'
import type { Campaign, Instance, Ledger } from '@whatsapp-sender/store'
import { LRUCache } from 'lru-cache'
import { leftOf } from './feed-part.ts'

/**
 * How far a campaign is. `accepted`: rows that became messages; of these `sent`, `delivered` and `read` count each what got
 * at least so far. `waiting`: rows and messages that may still be sent. `eta`: when the last of them is, by the pace of its
 * instances; null where that cannot be told.
 */
export type CampaignProgress = Readonly<{
  accepted: number
  waiting: number
  sent: number
  delivered: number
  read: number
  failed: number
  cancelled: number
  refused: number
  eta: Date | null
}>

export type ReadProgress = (campaign: Campaign) => Promise<CampaignProgress>

/** Counting a million takes the database a second; people look every second. */
const KEPT_MS = 2000
const KEPT_MAX = 500

const READ: readonly MessageStatus[] = ['read']
const DELIVERED: readonly MessageStatus[] = ['delivered', ...READ]
const SENT: readonly MessageStatus[] = ['sent', ...DELIVERED]
const FAILED: readonly MessageStatus[] = ['failed', 'dead-lettered', 'unknown', 'expired']

type Counts = Awaited<ReturnType<Ledger['countCampaign']>>

export function createReadProgress(o: {
  ledger: Pick<Ledger, 'countCampaign'>
  directory: { byId(id: string): Instance | undefined }
  defaultPace: Pace
}): ReadProgress {
  const counted = new LRUCache<string, Promise<Counts>>({ max: KEPT_MAX, ttl: KEPT_MS })

  function countsOf({ id, status }: Campaign): Promise<Counts> {
    // What is done shows no counts from before.
    const key = `${id}/${status}`
    const known = counted.get(key)
    if (known !== undefined) return known
    const asked = o.ledger.countCampaign(id)
    counted.set(key, asked)
    // Whoever asks next asks anew.
    asked.catch(() => counted.delete(key))
    return asked
  }

  return async (campaign) => {
    const { parts, status } = campaign
    const counts = parts.some(({ fed }) => fed > 0) ? await countsOf(campaign) : []
    const sumOf = (wanted: readonly MessageStatus[], instance?: string) =>
      sum(counts, (each) =>
        wanted.includes(each.status) && (instance === undefined || each.instance === instance) ? each.count : 0,
      )
    const isOver = status === 'done' || status === 'cancelled' || status === 'failed'
    const gone = sum(parts, (part) => part.gone ?? 0)
    const erased = campaign.upload?.erased ?? 0
    // What was erased shows in the parts only when all others have had their turn.
    const left = Math.max(0, sum(parts, leftOf) - Math.max(0, erased - gone))
    const minutes = parts.map((part) => {
      const pace = o.directory.byId(part.instanceId)?.pace ?? o.defaultPace
      return minutesOf(leftOf(part) + sumOf(OPEN_STATUSES, part.instance), pace)
    })
    const eta = status === 'running' ? Math.max(...minutes) : Number.NaN
    return {
      accepted: sum(parts, ({ fed }) => fed),
      waiting: (isOver ? 0 : left) + sumOf(OPEN_STATUSES),
      sent: sumOf(SENT),
      delivered: sumOf(DELIVERED),
      read: sumOf(READ),
      failed: sumOf(FAILED),
      cancelled: (isOver ? left : 0) + sumOf(['cancelled']),
      refused: sum(parts, ({ refused }) => refused) + Math.max(0, gone - erased),
      eta: Number.isFinite(eta) ? new Date(Date.now() + Math.round(eta * 60_000)) : null,
    }
  }
}

/** NaN: there is no pace to tell it by. */
function minutesOf(waiting: number, { perMinute, perDay }: Pace): number {
  if (waiting === 0) return 0
  const byMinute = perMinute === 0 ? 0 : waiting / perMinute
  const byDay = perDay === undefined ? 0 : (Math.ceil(waiting / perDay) - 1) * 24 * 60
  const minutes = Math.max(byMinute, byDay)
  return minutes === 0 ? Number.NaN : minutes
}

function sum<T>(items: readonly T[], countOf: (item: T) => number): number {
  return items.reduce((total, item) => total + countOf(item), 0)
}
