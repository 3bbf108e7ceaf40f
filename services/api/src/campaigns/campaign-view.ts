import type { Campaign, CampaignFault } from '@whatsapp-sender/store'
import { shownSettings } from './campaign-settings.ts'
import type { PreviewedMessage } from './upload-rows.ts'

/** A campaign as its owner sees it. */
export function campaignView(campaign: Campaign) {
  const { id, name, status, reason, upload, createdAt, startedAt, pausedAt, endedAt } = campaign
  return {
    id,
    name,
    status,
    ...(reason && { reason }),
    ...shownSettings(campaign.settings),
    ...(upload && { rows: rowsView(upload) }),
    createdAt,
    ...(startedAt && { startedAt }),
    ...(pausedAt && { pausedAt }),
    ...(endedAt && { endedAt }),
    links: { self: `/v1/campaigns/${id}` },
  }
}

export function rowsView({
  total,
  faulty,
  erased,
}: Readonly<{ total: number; faulty: number; erased?: number | undefined }>) {
  return { total, valid: total - faulty, faulty, ...(erased !== undefined && { erased }) }
}

/** As `GET /v1/messages/{id}` would show it. */
export function previewView({ line, content, ...message }: PreviewedMessage) {
  return { ...content, line, ...message }
}

export function faultView({ line, code, detail, errors }: CampaignFault) {
  return { line, code, detail, ...(errors && { errors }) }
}
