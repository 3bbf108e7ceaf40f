import { newMessageId } from '@whatsapp-sender/contract'
import type { InstanceLookup } from '../instances/instance-lookup.ts'
import { type AskedMessage, judgeMessage } from './judge-message.ts'
import type { RefuseNew } from './refuse-new.ts'
import type { SendMessageResult } from './send-message.ts'

export type CheckMessage = (
  asked: AskedMessage,
) => Promise<Readonly<{ kind: 'valid' }> | Exclude<SendMessageResult, { kind: 'accepted' }>>

/** Judges a message as if it were sent, and queues nothing. What its idempotency key stands for is not looked at. */
export function createCheckMessage(o: {
  instances: Pick<InstanceLookup, 'usable'>
  refuseNew: RefuseNew
  eventFeedDefault: boolean
}): CheckMessage {
  return async (asked) => {
    const instance = await o.instances.usable(asked.instance, asked.principal, 'send')
    const judged = judgeMessage(asked, instance, { id: newMessageId(), eventFeedDefault: o.eventFeedDefault })
    if (judged.kind !== 'fit') return judged
    return o.refuseNew(judged.record) ?? { kind: 'valid' }
  }
}
