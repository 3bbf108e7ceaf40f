import type { RequestHandler } from 'express'
import type { Authenticate } from '../http/authenticate.ts'
import { idempotencyKeyOf } from '../http/idempotency-key.ts'
import { parseBody } from '../http/parse.ts'
import { ProblemError } from '../http/problem.ts'
import type { InstanceLookup } from '../instances/instance-lookup.ts'
import { problemOfResult } from '../messages/accepted-or-refuse.ts'
import { CampaignBody, settingsOf } from './campaign-settings.ts'
import { campaignView } from './campaign-view.ts'
import { type CreateCampaign, OPEN_CAMPAIGNS_MAX } from './create-campaign.ts'

export function createCampaignRoute(o: {
  authenticate: Authenticate
  instances: Pick<InstanceLookup, 'usable'>
  createCampaign: CreateCampaign
}): RequestHandler {
  return async (req, res) => {
    const principal = await o.authenticate(req, res, 'messages:send', 'per-instance')
    const idempotencyKey = idempotencyKeyOf(req)
    const { name, instance } = parseBody(CampaignBody, req)
    const found = instance === undefined ? undefined : await o.instances.usable(instance, principal, 'send')
    if (found === 'missing') throw problemOfResult({ kind: 'instance-not-found' })
    const wanted = { user: principal.id, name, settings: settingsOf(req.body), idempotencyKey }
    const created = await o.createCampaign(wanted)
    if (created.kind === 'too-many') {
      throw new ProblemError('too-many-campaigns', `${OPEN_CAMPAIGNS_MAX} campaigns at most may be open at once.`)
    }
    if (created.kind === 'idempotency-key-reused') throw problemOfResult(created)
    const { id } = created.campaign
    if (created.kind === 'repeated') res.setHeader('Idempotent-Replayed', 'true')
    res.status(201).location(`/v1/campaigns/${id}`).json(campaignView(created.campaign))
  }
}
