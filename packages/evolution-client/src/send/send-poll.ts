import { selectableCountOf } from '@whatsapp-sender/contract'
import { quotedPart, type SendRoute } from './send-route.ts'

export const sendPoll: SendRoute<'poll'> = {
  name: 'sendPoll',
  answers: 'send',
  bodyOf: (poll, target) => ({
    number: target.number,
    name: poll.question,
    selectableCount: selectableCountOf(poll),
    values: poll.options,
    ...quotedPart(target),
  }),
}
