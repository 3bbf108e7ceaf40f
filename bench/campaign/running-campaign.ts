import { until } from '@whatsapp-sender/sandbox/process/until'
import type { CampaignPart, Store } from '@whatsapp-sender/store'
import { z } from 'zod'
import type { RestClient } from '../system/rest-client.ts'
import { TEMPLATE } from './campaign-file.ts'

const Id = z.object({ id: z.string() })

/** A campaign, as its user sees it, and as the database has it. */
export type RunningCampaign = Readonly<{
  id: string
  move(what: 'start' | 'pause' | 'resume'): Promise<void>
  status(): Promise<string | undefined>
  /** Of each instance, what of its rows became messages. */
  parts(): Promise<readonly CampaignPart[]>
  /** Rows that became messages. */
  fed(): Promise<number>
  /** Messages that may be sent now, of those in the ledger. */
  countQueued(): Promise<number>
  countMessages(): Promise<number>
  countRows(): Promise<number>
}>

export async function createCampaign(client: RestClient, { db, campaigns }: Store): Promise<RunningCampaign> {
  const { id: user } = Id.parse(await client.call('GET', '/v1/me', undefined, 200))
  const settings = { name: 'bench', template: TEMPLATE }
  const { id } = Id.parse(await client.call('POST', '/v1/campaigns', settings, 201))
  const messages = db.collection('messages')
  const parts = async () => (await campaigns.find({ id, user }))?.parts ?? []
  return {
    id,
    parts,
    fed: async () => (await parts()).reduce((sum, part) => sum + part.fed, 0),
    move: async (what) => void (await client.call('POST', `/v1/campaigns/${id}/${what}`, {}, 200)),
    // Of the API it would be asked together with its progress, and counting a million takes the database a second.
    status: async () => (await campaigns.find({ id, user }))?.status,
    countQueued: () => messages.countDocuments({ campaign: id, campaignStatus: 'queued' }),
    countMessages: () => messages.countDocuments({ campaign: id }),
    countRows: () => db.collection('campaign_rows').estimatedDocumentCount(),
  }
}

/** Returns when a number has been the same for so long. */
export async function untilStill(what: string, read: () => Promise<number>, ms: number): Promise<number> {
  let last = await read()
  let since = performance.now()
  return await until(
    what,
    async () => {
      const now = await read()
      if (now !== last) since = performance.now()
      last = now
      return performance.now() - since >= ms ? now : undefined
    },
    { timeoutMs: 120_000, everyMs: 250 },
  )
}
