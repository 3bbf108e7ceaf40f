import type { Campaign, Campaigns, Ledger, User } from '@whatsapp-sender/store'
import { may } from '../permissions.ts'
import { createFeedPart, type FeedPartNeeds } from './feed-part.ts'

/** How long nobody else takes a campaign; whoever feeds it says with every chunk that it lives. */
export const LEASE_MS = 30_000

/**
 * `again`: it is to be looked at once more. `lease`: the right to do this.
 * @param signal aborted when the process is to end
 */
export type FeedCampaign = (
  turn: Readonly<{ campaign: Campaign; lease: string; signal: AbortSignal }>,
) => Promise<'again' | 'over'>

/** One turn of a campaign that runs: each of its instances gets rows, or it turns out that all is done or lost. */
export function createFeedCampaign(
  o: FeedPartNeeds &
    Readonly<{
      userById(id: string): User | 'missing' | 'unavailable' | Promise<User | 'missing' | 'unavailable'>
      ledger: Pick<Ledger, 'releaseCampaign'>
      campaigns: Pick<Campaigns, 'saveParts' | 'fail' | 'end'>
    }>,
): FeedCampaign {
  return async ({ campaign, lease, signal }) => {
    const { id, user, upload } = campaign
    const found = await o.userById(user)
    if (found === 'unavailable' || upload === undefined) return 'again'
    if (found === 'missing' || found.status !== 'approved' || !may(found, 'messages:send')) {
      await o.campaigns.fail({ id, user }, { code: 'access-lost', detail: 'Its user may not send any more.' })
      return 'over'
    }
    await o.ledger.releaseCampaign({ campaign: id, user })
    const { email, role, onAmbiguous, eventFeed } = found
    const principal = { id: user, email, role, onAmbiguous, eventFeed }
    const feedPart = createFeedPart(o, { campaign, principal, upload: upload.id, signal })
    const parts = [...campaign.parts]
    let isAllSent = true
    for (const [index, part] of parts.entries()) {
      const fed = await feedPart(part, async (changed) => {
        parts[index] = changed
        const saved = await o.campaigns.saveParts({ id, lease }, parts, LEASE_MS)
        if (saved === undefined) return 'lost'
        return saved === 'running' ? 'more' : 'stopped'
      })
      if (fed === 'lost' || fed === 'stopped') return 'again'
      if (fed === 'instance-gone') {
        const detail = `The instance ${part.instance} is not there any more.`
        await o.campaigns.fail({ id, user }, { code: 'instance-deleted', detail })
        return 'over'
      }
      isAllSent &&= fed === 'all-sent'
    }
    if (!isAllSent) return 'again'
    await o.campaigns.end({ id, user })
    return 'over'
  }
}
