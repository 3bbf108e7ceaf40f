import type { Part } from '@whatsapp-sender/service-runtime'
import { createParseRow } from './batches/batch-row.ts'
import { createCampaignFeeder } from './campaigns/campaign-feeder.ts'
import { createFeedCampaign } from './campaigns/feed-campaign.ts'
import { createJudgeRow } from './campaigns/judge-rows.ts'
import { parseOrFaults } from './http/parse.ts'
import { createInstanceLookup } from './instances/instance-lookup.ts'
import { createMessagesPublisher } from './kafka/message-publisher.ts'
import { createRecipientSchema } from './messages/recipient.ts'
import { createRefuseNew } from './messages/refuse-new.ts'
import type { Parts } from './parts.ts'

type Needs = Pick<
  Parts,
  'config' | 'store' | 'directory' | 'suppressions' | 'access' | 'messages' | 'traces' | 'events'
>

/** What makes messages of campaigns' rows, beside the requests. */
export function createCampaignFeeding({
  config,
  store,
  directory,
  suppressions,
  access,
  messages,
  traces,
  events,
}: Needs): Part {
  const { ledger, campaigns, campaignRows } = store
  const recipient = createRecipientSchema(config.messages.defaultCountry)
  const judgeRow = createJudgeRow({
    parseRow: createParseRow({ recipient, parse: parseOrFaults }),
    refuseNew: createRefuseNew({ isSuppressed: suppressions.has }),
    eventFeedDefault: config.messages.eventFeedDefault,
  })
  const feedCampaign = createFeedCampaign({
    judgeRow,
    instances: createInstanceLookup(directory),
    userById: access.knownUsers.byId,
    publishAll: createMessagesPublisher(messages, traces),
    ledger,
    campaigns,
    campaignRows,
    onFed: events.campaignFed,
  })
  return createCampaignFeeder({ campaigns, ledger, feedCampaign, onFailed: events.campaignNotFed })
}
