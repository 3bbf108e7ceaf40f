import { randomUUID } from 'node:crypto'
import type { Campaign, Campaigns } from '@whatsapp-sender/store'
import type { Request, RequestHandler } from 'express'
import { z } from 'zod'
import type { Authenticate } from '../http/authenticate.ts'
import { parseParams, parseQuery } from '../http/parse.ts'
import { ProblemError } from '../http/problem.ts'
import { CampaignParams, campaignOrRefuse, movedOrRefuse } from './campaign-params.ts'
import { readSettings } from './campaign-settings.ts'
import { campaignView, faultView, previewView, rowsView } from './campaign-view.ts'
import type { OpenUploads, Upload } from './open-uploads.ts'
import { readCsv } from './read-csv.ts'
import { readNdjson } from './read-ndjson.ts'
import { checkUtf8, type SourceRow } from './row-source.ts'
import type { UploadedRows, UploadRows } from './upload-rows.ts'

export const UploadRowsQuery = z.strictObject({ dryRun: z.enum(['true', 'false']).optional() })

export function uploadRowsRoute(o: {
  authenticate: Authenticate
  uploads: OpenUploads
  campaigns: Pick<Campaigns, 'find' | 'beginUpload' | 'endUpload' | 'cutUpload'>
  uploadRows: UploadRows
  onUpload(upload: Readonly<{ campaign: string; rows: number; faulty: number; seconds: number }>): void
}): RequestHandler {
  return async (req, res) => {
    const principal = await o.authenticate(req, res, 'messages:send', 'per-instance')
    const { id } = parseParams(CampaignParams, req)
    const isDryRun = parseQuery(UploadRowsQuery, req).dryRun === 'true'
    const format = formatOf(req)
    const campaign = campaignOrRefuse(await o.campaigns.find({ id, user: principal.id }))
    const place = o.uploads.enter(req, principal.id)
    try {
      const rows = rowsOf(format, place, campaign)
      // Asked for only now: nobody sends a million rows to be told that they are not wanted.
      const goOn = () => void (req.headers.expect !== undefined && res.writeContinue())
      if (isDryRun) {
        goOn()
        const uploaded = await o.uploadRows({ campaign, principal, rows, upload: undefined })
        res.json({ rows: rowsView(uploaded), ...shown(uploaded) })
      } else {
        const { ended, uploaded } = await upload({ campaign, rows, goOn, principal })
        res.json({ ...campaignView(ended), ...shown(uploaded) })
      }
    } finally {
      place.leave()
    }
  }

  async function upload({
    campaign: { id, user },
    goOn,
    ...command
  }: Omit<Parameters<UploadRows>[0], 'upload'> & { goOn: () => void }) {
    const startedAt = performance.now()
    const upload_ = randomUUID()
    const which = { id, user, upload: upload_ }
    const campaign = movedOrRefuse(await o.campaigns.beginUpload(which, which.upload))
    try {
      goOn()
      const uploaded = await o.uploadRows({ ...command, campaign, upload: which.upload })
      const ended = movedOrRefuse(await o.campaigns.endUpload(which, uploaded))
      const seconds = Math.round(performance.now() - startedAt) / 1000
      o.onUpload({ campaign: id, rows: uploaded.total, faulty: uploaded.faulty, seconds })
      return { ended, uploaded }
    } catch (error) {
      await o.campaigns.cutUpload(which)
      throw error
    }
  }
}

type Format = 'csv' | 'ndjson'

/** @throws {ProblemError} 415 */
function formatOf(req: Request): Format {
  const { headers } = req
  if ((headers['content-encoding'] ?? 'identity') !== 'identity') {
    throw new ProblemError('unsupported-media-type', 'The body must not be compressed.')
  }
  const [type = '', ...parameters] = (headers['content-type'] ?? '').toLowerCase().split(';')
  const format = FORMATS.get(type.trim())
  if (format === undefined) {
    throw new ProblemError('unsupported-media-type', 'The rows must be sent as text/csv or application/x-ndjson.')
  }
  if (parameters.some((parameter) => /charset/.test(parameter) && !/charset\s*=\s*"?utf-?8"?\s*$/.test(parameter))) {
    throw new ProblemError('unsupported-media-type', 'The body must be UTF-8.')
  }
  return format
}

const FORMATS: ReadonlyMap<string, Format> = new Map([
  ['text/csv', 'csv'],
  ['application/x-ndjson', 'ndjson'],
  ['application/ndjson', 'ndjson'],
])

function rowsOf(format: Format, { body }: Upload, campaign: Campaign): AsyncIterable<SourceRow> {
  const text = checkUtf8(body)
  return format === 'csv' ? readCsv(text, readSettings(campaign.settings).template?.names) : readNdjson(text)
}

function shown({ preview, faults }: UploadedRows) {
  return { preview: preview.map(previewView), faults: faults.map(faultView) }
}
