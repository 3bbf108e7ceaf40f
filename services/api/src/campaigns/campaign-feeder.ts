import { randomUUID } from 'node:crypto'
import { campaignMessageId } from '@whatsapp-sender/contract'
import { createLoop, type Part } from '@whatsapp-sender/service-runtime'
import type { Campaign, Campaigns, Ledger } from '@whatsapp-sender/store'
import { type FeedCampaign, LEASE_MS } from './feed-campaign.ts'

const LOOK_EVERY_MS = 500
const AGAIN_AFTER_MS = 1000

/**
 * Gives each campaign that runs, or has just been paused or cancelled, a turn every second. Of all processes one at a time
 * holds the lease of a campaign; two at once would do the same thing twice, and that is harmless.
 */
export function createCampaignFeeder(o: {
  campaigns: Pick<Campaigns, 'claimDue' | 'release'>
  ledger: Pick<Ledger, 'holdCampaign' | 'cancelCampaign' | 'isAnyThere'>
  feedCampaign: FeedCampaign
  onFailed(err: unknown): void
}): Part {
  const stopped = new AbortController()
  const { signal } = stopped
  const loop = createLoop({
    step: async () => ((await giveTurn()) ? 0 : LOOK_EVERY_MS),
    onError: (err) => o.onFailed(err),
    afterFailureMs: LOOK_EVERY_MS,
  })

  /** False when none is due. */
  async function giveTurn(): Promise<boolean> {
    const lease = randomUUID()
    const campaign = await o.campaigns.claimDue(lease, LEASE_MS)
    if (campaign === undefined) return false
    let next: 'again' | 'over' = 'again'
    try {
      next = await turnOf(campaign, lease)
    } finally {
      const { id, status: seen } = campaign
      await o.campaigns.release({ id, lease, seen }, next === 'again' ? AGAIN_AFTER_MS : undefined)
    }
    return true
  }

  async function turnOf(campaign: Campaign, lease: string): Promise<'again' | 'over'> {
    const { id, user, status } = campaign
    if (status === 'running') return await o.feedCampaign({ campaign, lease, signal })
    const act = status === 'paused' ? o.ledger.holdCampaign : o.ledger.cancelCampaign
    // Looked at first: what is in the ledger by now is acted on below.
    const areAllThere = await areAllIngested(campaign)
    const mayComeBack = await act({ campaign: id, user })
    return areAllThere && mayComeBack === 0 ? 'over' : 'again'
  }

  async function areAllIngested({ id, parts }: Campaign): Promise<boolean> {
    for (const { tail } of parts) {
      const ids = tail.map((line) => campaignMessageId(id, line))
      if (ids.length > 0 && !(await o.ledger.isAnyThere(ids))) return false
    }
    return true
  }

  return {
    name: 'campaign feeder',
    start: async () => loop.start(),
    stop: async () => {
      stopped.abort()
      await loop.stop()
    },
  }
}
