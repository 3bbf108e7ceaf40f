import { messageIdFor } from './message-id.ts'

/**
 * Where a campaign is in its life:
 * - `draft`: it has no rows yet, or none that can be sent
 * - `uploading`: its rows are coming in
 * - `ready`: it has its rows and waits to be started
 * - `running`: its rows become messages, a thousand per instance ahead of what was sent
 * - `paused`: none does, and those that wait are held
 * - `done`: all have become messages, and none of these waits any more
 * - `cancelled`, `failed`: the rest never will; `failed` has a reason
 */
export type CampaignStatus = (typeof OPEN_CAMPAIGN_STATUSES)[number] | 'done' | 'cancelled' | 'failed'

/** What moves a campaign. `cut`: its upload ended early, or held nothing that can be sent. */
export type CampaignMove = 'upload' | 'cut' | 'uploaded' | 'start' | 'pause' | 'resume' | 'cancel' | 'fail' | 'end'

/** Every move that a campaign may make, and from where. Nothing outside `packages/store` makes one. */
export const CAMPAIGN_ARROWS = {
  upload: { from: ['draft', 'ready'], to: 'uploading' },
  cut: { from: ['uploading'], to: 'draft' },
  uploaded: { from: ['uploading'], to: 'ready' },
  start: { from: ['ready'], to: 'running' },
  pause: { from: ['running'], to: 'paused' },
  resume: { from: ['paused'], to: 'running' },
  cancel: { from: ['draft', 'uploading', 'ready', 'running', 'paused'], to: 'cancelled' },
  fail: { from: ['running', 'paused'], to: 'failed' },
  end: { from: ['running'], to: 'done' },
} as const satisfies Readonly<Record<CampaignMove, Readonly<{ from: readonly CampaignStatus[]; to: CampaignStatus }>>>

/** Statuses that a campaign leaves again. */
export const OPEN_CAMPAIGN_STATUSES = ['draft', 'uploading', 'ready', 'running', 'paused'] as const

/**
 * The id of the message that a row becomes, always the same: feeding a row twice adds nothing. UUIDv8, as of idempotency
 * keys; no user has the id of a campaign, so the two never meet.
 */
export function campaignMessageId(campaign: string, line: number): string {
  return messageIdFor(campaign, String(line))
}
