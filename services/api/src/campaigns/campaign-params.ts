import type { Campaign, MovedCampaign } from '@whatsapp-sender/store'
import { z } from 'zod'
import { ProblemError } from '../http/problem.ts'
import { placeCursor } from '../place-cursor.ts'

/** `:id` of a route. */
export const CampaignParams = z.object({ id: z.uuid('must be a campaign id').toLowerCase() })

export const { Cursor: CampaignCursor, cursorOf: campaignCursorOf } = placeCursor('[0-9a-f-]{36}')

/** @throws {ProblemError} the same 404 whether it is another user's or nobody's */
export function campaignOrRefuse(found: Campaign | undefined): Campaign {
  if (found === undefined) throw new ProblemError('campaign-not-found', 'There is no such campaign.')
  return found
}

/** @throws {ProblemError} 404, or 409 with the status in which it is */
export function movedOrRefuse(moved: MovedCampaign): Campaign {
  const campaign = campaignOrRefuse(moved?.campaign)
  if (moved?.kind === 'done') return campaign
  throw new ProblemError('wrong-campaign-status', `The campaign is ${campaign.status}.`, {
    members: { campaignStatus: campaign.status },
  })
}
