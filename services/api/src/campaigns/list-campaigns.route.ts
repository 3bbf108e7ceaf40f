import type { Campaigns } from '@whatsapp-sender/store'
import type { RequestHandler } from 'express'
import type { Authenticate } from '../http/authenticate.ts'
import { PageQuery } from '../http/page-query.ts'
import { parseQuery } from '../http/parse.ts'
import { CampaignCursor, campaignCursorOf } from './campaign-params.ts'
import { campaignView } from './campaign-view.ts'

export const ListCampaignsQuery = PageQuery.extend({ cursor: CampaignCursor.optional() })

export function listCampaignsRoute(o: {
  authenticate: Authenticate
  listCampaigns: Campaigns['list']
}): RequestHandler {
  return async (req, res) => {
    const { id: user } = await o.authenticate(req, res, 'messages:read')
    const { limit, cursor } = parseQuery(ListCampaignsQuery, req)
    const { data, next } = await o.listCampaigns(user, { after: cursor, limit })
    res.json({ data: data.map(campaignView), next: campaignCursorOf(next) })
  }
}
