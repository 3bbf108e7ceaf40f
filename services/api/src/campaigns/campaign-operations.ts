import { z } from 'zod'
import { contentFields, Type } from '../messages/message-schemas.ts'
import { FieldFault, pageOf, Time } from '../openapi/answer-schemas.ts'
import { EXAMPLE } from '../openapi/examples.ts'
import type { Operation, Operations } from '../openapi/operation.ts'
import { CampaignParams } from './campaign-params.ts'
import { CampaignBody } from './campaign-settings.ts'
import { CampaignFaultsQuery } from './list-campaign-faults.route.ts'
import { ListCampaignsQuery } from './list-campaigns.route.ts'
import { UploadRowsQuery } from './upload-rows.route.ts'

const Rows = z.object({
  total: z.int(),
  valid: z.int(),
  faulty: z.int(),
  erased: z.int().optional().describe('Valid ones that went because their recipient was erased.'),
})

/** And what it says for all its rows, as its user wrote it. */
const Campaign = z
  .looseObject({
    id: z.uuid(),
    name: z.string(),
    status: z.string(),
    reason: z.unknown().optional().describe('Why it ended.'),
    rows: Rows.optional(),
    createdAt: Time,
    startedAt: Time.optional(),
    pausedAt: Time.optional(),
    endedAt: Time.optional(),
    links: z.object({ self: z.string() }),
  })
  .meta({ id: 'Campaign', description: 'With what it says for all its rows, as its user wrote it.' })

const count = z.int()
const Progress = z.object({
  accepted: count.describe('Rows that became messages.'),
  waiting: count,
  sent: count,
  delivered: count,
  read: count,
  failed: count,
  cancelled: count,
  refused: count,
  eta: Time.nullable().describe('By the pace of its instances; `null`: it cannot be told.'),
})

const Fault = z
  .object({ line: z.int(), code: z.string(), detail: z.string(), errors: z.array(FieldFault).optional() })
  .meta({ id: 'CampaignFault' })

const Preview = z.object({ ...contentFields(), line: z.int(), instance: z.string(), to: z.string(), type: Type })

const Uploaded = Campaign.partial().extend({ rows: Rows, preview: z.array(Preview), faults: z.array(Fault) })

const id = '0192f0c1-5b1e-7000-8000-7d1f0c2b9a22'
const links = { self: `/v1/campaigns/${id}` }
const exampleOfCampaign = {
  id,
  name: 'January',
  status: 'draft',
  instance: EXAMPLE.instance,
  template: 'Olá {{name}}!',
  priority: 'bulk',
  createdAt: EXAMPLE.time,
  links,
}
const rows = { total: 2, valid: 2, faulty: 0 }
const params = CampaignParams
const exampleOf = { id }

function move(name: string, summary: string, description: string): Operation {
  return {
    id: `${name}Campaign`,
    summary,
    description,
    caller: 'messages:send',
    params,
    exampleOf,
    answers: { 200: { description: 'The campaign as it is now.', schema: Campaign, example: exampleOfCampaign } },
    problems: ['campaign-not-found', 'wrong-campaign-status'],
  }
}

export const campaignOperations: Operations = {
  '/v1/campaigns': {
    get: {
      id: 'listCampaigns',
      summary: 'List your campaigns',
      description: 'Newest first.',
      caller: 'messages:read',
      query: ListCampaignsQuery,
      answers: {
        200: { description: 'A page.', schema: pageOf(Campaign), example: { data: [exampleOfCampaign], next: null } },
      },
    },
    post: {
      id: 'createCampaign',
      summary: 'Begin a campaign',
      description: 'One message to each row of a file, which is uploaded next. What it says holds for all rows.',
      caller: 'messages:send',
      perInstance: true,
      headers: ['Idempotency-Key'],
      body: {
        schema: CampaignBody,
        examples: { template: { name: 'January', instance: EXAMPLE.instance, template: 'Olá {{name}}!' } },
      },
      answers: {
        201: {
          description: 'The campaign.',
          schema: Campaign,
          example: exampleOfCampaign,
          headers: ['Location', 'Idempotent-Replayed'],
        },
      },
      problems: ['instance-not-found', 'too-many-campaigns', 'idempotency-key-reused'],
    },
  },
  '/v1/campaigns/:id': {
    get: {
      id: 'readCampaign',
      summary: 'Read a campaign',
      description: 'With its progress, which is `null` when it cannot be counted in time.',
      caller: 'messages:read',
      params,
      exampleOf,
      answers: {
        200: {
          description: 'The campaign.',
          schema: Campaign.extend({ progress: Progress.nullable() }),
          example: { ...exampleOfCampaign, progress: null },
        },
      },
      problems: ['campaign-not-found'],
    },
  },
  '/v1/campaigns/:id/rows': {
    put: {
      id: 'uploadCampaignRows',
      summary: 'Upload the rows of a campaign',
      description: 'CSV, or `application/x-ndjson`; up to 1,000,000 rows. With `dryRun` they are judged and not kept.',
      caller: 'messages:send',
      perInstance: true,
      params,
      query: UploadRowsQuery,
      exampleOf,
      body: {
        type: 'text/csv',
        schema: z.string(),
        examples: { two: 'to,name\n+5511999991001,Ana\n+5511999991002,Bia\n' },
      },
      answers: {
        200: {
          description: 'What they are, with the first messages and the first faults.',
          schema: Uploaded,
          example: { ...exampleOfCampaign, rows, preview: [], faults: [] },
        },
      },
      problems: ['campaign-not-found', 'wrong-campaign-status', 'overloaded'],
    },
  },
  '/v1/campaigns/:id/faults': {
    get: {
      id: 'listCampaignFaults',
      summary: 'List what is wrong in the rows',
      description: 'By their lines.',
      caller: 'messages:read',
      params,
      query: CampaignFaultsQuery,
      exampleOf,
      answers: {
        200: {
          description: 'A page.',
          schema: pageOf(Fault),
          example: {
            data: [{ line: 3, code: 'invalid-request', detail: 'to: must be a phone number' }],
            next: null,
          },
        },
      },
      problems: ['campaign-not-found'],
    },
  },
  '/v1/campaigns/:id/start': { post: move('start', 'Start a campaign', 'Rows become messages from now on.') },
  '/v1/campaigns/:id/pause': { post: move('pause', 'Pause a campaign', 'Messages that wait are held.') },
  '/v1/campaigns/:id/resume': { post: move('resume', 'Go on with a campaign', 'What was held goes on.') },
  '/v1/campaigns/:id/cancel': { post: move('cancel', 'Cancel a campaign', 'Ends it, and takes back what waits.') },
}
