import { hash, randomUUID } from 'node:crypto'
import { messageIdFor } from '@whatsapp-sender/contract'
import type { Campaign, Campaigns } from '@whatsapp-sender/store'

export type CreateCampaign = (
  wanted: Readonly<{ user: string; name: string; settings: string; idempotencyKey: string | undefined }>,
) => Promise<
  | Readonly<{ kind: 'created' | 'repeated'; campaign: Campaign }>
  | Readonly<{ kind: 'too-many' }>
  | Readonly<{ kind: 'idempotency-key-reused' }>
>

/** Of one user, that are not over. */
export const OPEN_CAMPAIGNS_MAX = 20

export function createCreateCampaign(campaigns: Pick<Campaigns, 'create' | 'find' | 'countOpenOf'>): CreateCampaign {
  return async ({ user, name, settings, idempotencyKey }) => {
    // No key holds a NUL, so none of a message makes this id.
    const id = idempotencyKey === undefined ? randomUUID() : messageIdFor(user, `${idempotencyKey}\0campaign`)
    const bodyHash = hash('sha256', JSON.stringify([name, settings]), 'hex')
    const earlier = idempotencyKey === undefined ? undefined : await campaigns.find({ id, user })
    if (earlier !== undefined) return repeated(earlier, bodyHash)
    if ((await campaigns.countOpenOf(user)) >= OPEN_CAMPAIGNS_MAX) return { kind: 'too-many' }
    const { campaign, isNew } = await campaigns.create({ id, user, name, settings, bodyHash })
    return isNew ? { kind: 'created', campaign } : repeated(campaign, bodyHash)
  }
}

function repeated(campaign: Campaign, bodyHash: string) {
  if (campaign.bodyHash !== bodyHash) return { kind: 'idempotency-key-reused' } as const
  return { kind: 'repeated', campaign } as const
}
