import { CAMPAIGN_LINES_MAX, type CampaignRows, type Campaigns } from '@whatsapp-sender/store'
import type { RequestHandler } from 'express'
import { z } from 'zod'
import type { Authenticate } from '../http/authenticate.ts'
import { PageQuery } from '../http/page-query.ts'
import { parseParams, parseQuery } from '../http/parse.ts'
import { CURSOR_FAULT } from '../place-cursor.ts'
import { CampaignParams, campaignOrRefuse } from './campaign-params.ts'
import { faultView } from './campaign-view.ts'

export const CampaignFaultsQuery = PageQuery.extend({
  cursor: z
    .string()
    .regex(/^\d{1,7}$/, CURSOR_FAULT)
    .transform(Number)
    .pipe(z.int().max(CAMPAIGN_LINES_MAX))
    .optional(),
})

export function listCampaignFaultsRoute(o: {
  authenticate: Authenticate
  findCampaign: Campaigns['find']
  listFaults: CampaignRows['listFaults']
}): RequestHandler {
  return async (req, res) => {
    const { id: user } = await o.authenticate(req, res, 'messages:read')
    const { id } = parseParams(CampaignParams, req)
    const { limit, cursor } = parseQuery(CampaignFaultsQuery, req)
    const { upload } = campaignOrRefuse(await o.findCampaign({ id, user }))
    const none = { data: [], next: undefined }
    const { data, next } = upload ? await o.listFaults(upload.id, { after: cursor, limit }) : none
    res.json({ data: data.map(faultView), next: next === undefined ? null : String(next) })
  }
}
