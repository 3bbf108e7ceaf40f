import type { Campaigns } from '@whatsapp-sender/store'
import type { RequestHandler } from 'express'
import type { Authenticate } from '../http/authenticate.ts'
import { parseParams } from '../http/parse.ts'
import { CampaignParams, campaignOrRefuse } from './campaign-params.ts'
import { campaignView } from './campaign-view.ts'

export function readCampaignRoute(o: { authenticate: Authenticate; findCampaign: Campaigns['find'] }): RequestHandler {
  return async (req, res) => {
    const { id: user } = await o.authenticate(req, res, 'messages:read')
    const { id } = parseParams(CampaignParams, req)
    res.json(campaignView(campaignOrRefuse(await o.findCampaign({ id, user }))))
  }
}
