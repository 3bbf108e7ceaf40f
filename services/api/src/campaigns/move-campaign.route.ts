import type { Campaigns } from '@whatsapp-sender/store'
import type { RequestHandler } from 'express'
import type { Authenticate } from '../http/authenticate.ts'
import { parseParams } from '../http/parse.ts'
import { CampaignParams, movedOrRefuse } from './campaign-params.ts'
import { campaignView } from './campaign-view.ts'

/** Starts, pauses, resumes or cancels one. */
export function moveCampaignRoute(o: {
  authenticate: Authenticate
  move: Campaigns['start' | 'pause' | 'resume' | 'cancel']
}): RequestHandler {
  return async (req, res) => {
    const { id: user } = await o.authenticate(req, res, 'messages:send')
    const { id } = parseParams(CampaignParams, req)
    res.json(campaignView(movedOrRefuse(await o.move({ id, user }))))
  }
}
