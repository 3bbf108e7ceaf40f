import { createLoop, type Part } from '@whatsapp-sender/service-runtime'
import type { CampaignRows, Campaigns } from '@whatsapp-sender/store'

const EVERY_MS = 5000
const DAY_MS = 86_400_000
/** An upload tells that it lives every ten seconds. */
const UNSEEN_MS = 60_000
const REMOVED_AT_ONCE = 2000

type Needs = Readonly<{
  campaigns: Pick<Campaigns, 'uploadsUnseenSince' | 'cutUpload' | 'garbage' | 'garbageRemoved' | 'abandoned' | 'cancel'>
  campaignRows: Pick<CampaignRows, 'removeSome'>
  /** For campaigns that nobody starts. */
  retentionDays: number
  onFailed(err: unknown): void
}>

/** Removes rows that nobody needs: they hold numbers. Any process may do it, and two at once. */
export function createCampaignKeeper(o: Needs): Part {
  const stopped = new AbortController()
  const loop = createLoop({
    step: async () => {
      await keepOnce(o, stopped.signal)
      return EVERY_MS
    },
    onError: (err) => o.onFailed(err),
    afterFailureMs: EVERY_MS,
  })
  return {
    name: 'campaign keeper',
    start: async () => loop.start(),
    stop: async () => {
      stopped.abort()
      await loop.stop()
    },
  }
}

async function keepOnce({ campaigns, campaignRows, retentionDays }: Needs, signal: AbortSignal): Promise<void> {
  for (const upload of await campaigns.uploadsUnseenSince(new Date(Date.now() - UNSEEN_MS))) {
    await campaigns.cutUpload(upload)
  }
  for (const which of await campaigns.abandoned(new Date(Date.now() - retentionDays * DAY_MS))) {
    await campaigns.cancel(which)
  }
  for (const { campaign, uploads } of await campaigns.garbage()) {
    for (const upload of uploads) {
      let isMoreLeft = true
      while (isMoreLeft && !signal.aborted) isMoreLeft = await campaignRows.removeSome(upload, REMOVED_AT_ONCE)
      if (!isMoreLeft) await campaigns.garbageRemoved(campaign, upload)
    }
  }
}
