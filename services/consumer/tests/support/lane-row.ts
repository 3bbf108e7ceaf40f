import type { LaneRow } from '@whatsapp-sender/store'

/** A row as the dispatcher holds it; what a test does not name is of no account to it. */
export function laneRow(facts: Partial<LaneRow> = {}): LaneRow {
  return {
    id: 'message-1',
    user: 'ana',
    instance: 'sales',
    instanceId: 'sales-1',
    to: '+5511999991000',
    type: 'text',
    content: { text: 'hello' },
    onAmbiguous: 'resend',
    priority: 'normal',
    attemptsCount: 0,
    appendedAt: 1_000,
    offset: 0n,
    status: 'queued',
    nextAttemptAt: undefined,
    expiresAt: undefined,
    claim: undefined,
    by: undefined,
    claimedAt: undefined,
    ...facts,
  }
}
