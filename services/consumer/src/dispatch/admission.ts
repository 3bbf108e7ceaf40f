import { type Instance, type LaneRow, mayUse } from '@whatsapp-sender/store'
import type { Admission } from '../delivery/deliver-message.ts'

/** Whether a message may leave through its instance now, later or never. */
export function admissionOf(
  row: LaneRow,
  {
    created,
    isOpen,
    isSuppressed,
  }: Readonly<{
    /** The creation of the instance that the message is for, deleted or not. */
    created: Instance | undefined
    isOpen: boolean
    /** Its user sends nothing to this number. */
    isSuppressed: boolean
  }>,
): Admission {
  if (created === undefined || created.deletedAt !== undefined) return INSTANCE_DELETED
  if (created.name !== row.instance || !created.ownerActive || !mayUse(created, row.user, 'send')) return ACCESS_LOST
  if (isSuppressed) return SUPPRESSED
  if (!isOpen || created.paused || created.evolutionToken === '') return { kind: 'hold' }
  return { kind: 'go', apiKey: created.evolutionToken }
}

const INSTANCE_DELETED: Admission = {
  kind: 'end',
  reason: { code: 'instance-deleted', detail: 'The instance that the message was accepted for is gone.' },
}

const ACCESS_LOST: Admission = {
  kind: 'end',
  reason: { code: 'access-lost', detail: 'The sender may not use this instance any more.' },
}

const SUPPRESSED: Admission = {
  kind: 'end',
  reason: { code: 'suppressed', detail: 'The recipient is on the suppression list of the sender.' },
}
