import { createParseRow } from '../batches/batch-row.ts'
import type { RouteTable } from '../http/app.ts'
import type { Authenticate } from '../http/authenticate.ts'
import { jsonBody } from '../http/json-body.ts'
import { parseOrFaults } from '../http/parse.ts'
import type { InstanceLookup } from '../instances/instance-lookup.ts'
import type { FindAddressFault } from '../messages/media-addresses.ts'
import type { RecipientSchema } from '../messages/recipient.ts'
import type { RefuseNew } from '../messages/refuse-new.ts'
import type { Parts } from '../parts.ts'
import { createReadProgress } from './campaign-progress.ts'
import { createCampaignRoute } from './create-campaign.route.ts'
import { createCreateCampaign } from './create-campaign.ts'
import { createJudgeRow } from './judge-rows.ts'
import { listCampaignFaultsRoute } from './list-campaign-faults.route.ts'
import { listCampaignsRoute } from './list-campaigns.route.ts'
import { moveCampaignRoute } from './move-campaign.route.ts'
import { readCampaignRoute } from './read-campaign.route.ts'
import { uploadRowsRoute } from './upload-rows.route.ts'
import { createUploadRows } from './upload-rows.ts'

type Needs = Pick<Parts, 'config' | 'store' | 'uploads' | 'events' | 'directory'> &
  Readonly<{
    authenticate: Authenticate
    recipient: RecipientSchema
    instances: Pick<InstanceLookup, 'usable'>
    refuseNew: RefuseNew
    findAddressFault: FindAddressFault
    eventFeedDefault: boolean
  }>

/** One message to each row of a file. */
export function campaignRoutes({ config, store, events, ...needs }: Needs): RouteTable {
  const { campaigns, campaignRows } = store
  const body = jsonBody({ bytesMax: 64 * 1024 })
  const judgeRow = createJudgeRow({
    ...needs,
    parseRow: createParseRow({ recipient: needs.recipient, parse: parseOrFaults }),
  })
  const o = {
    ...needs,
    campaigns,
    createCampaign: createCreateCampaign(campaigns),
    listCampaigns: campaigns.list,
    findCampaign: campaigns.find,
    readProgress: createReadProgress({
      ledger: store.ledger,
      directory: needs.directory,
      defaultPace: config.instanceDefaults.pace,
    }),
    uploadRows: createUploadRows({ ...needs, judgeRow, campaigns, campaignRows }),
    listFaults: campaignRows.listFaults,
    onUpload: events.campaignUploaded,
  }
  return {
    '/v1/campaigns': { get: [listCampaignsRoute(o)], post: [body, createCampaignRoute(o)] },
    '/v1/campaigns/:id': { get: [readCampaignRoute(o)] },
    '/v1/campaigns/:id/rows': { put: [uploadRowsRoute(o)] },
    '/v1/campaigns/:id/faults': { get: [listCampaignFaultsRoute(o)] },
    '/v1/campaigns/:id/start': { post: [moveCampaignRoute({ ...o, move: campaigns.start })] },
    '/v1/campaigns/:id/pause': { post: [moveCampaignRoute({ ...o, move: campaigns.pause })] },
    '/v1/campaigns/:id/resume': { post: [moveCampaignRoute({ ...o, move: campaigns.resume })] },
    '/v1/campaigns/:id/cancel': { post: [moveCampaignRoute({ ...o, move: campaigns.cancel })] },
  }
}
