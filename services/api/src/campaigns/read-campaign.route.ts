import type { Campaigns } from '@whatsapp-sender/store'
import type { RequestHandler } from 'express'
import type { Authenticate } from '../http/authenticate.ts'
import { parseParams } from '../http/parse.ts'
import { inTime } from '../in-time.ts'
import { CampaignParams, campaignOrRefuse } from './campaign-params.ts'
import type { ReadProgress } from './campaign-progress.ts'
import { campaignView } from './campaign-view.ts'

/** What cannot be counted in time is not worth an error. */
const PROGRESS_MS = 4000

export function readCampaignRoute(o: {
  authenticate: Authenticate
  findCampaign: Campaigns['find']
  readProgress: ReadProgress
}): RequestHandler {
  return async (req, res) => {
    const { id: user } = await o.authenticate(req, res, 'messages:read')
    const { id } = parseParams(CampaignParams, req)
    const campaign = campaignOrRefuse(await o.findCampaign({ id, user }))
    const progress = await inTime(o.readProgress(campaign), PROGRESS_MS)
    res.json({ ...campaignView(campaign), progress: progress.kind === 'done' ? progress.value : null })
  }
}
