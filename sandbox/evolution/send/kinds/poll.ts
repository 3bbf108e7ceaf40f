import { randomBytes } from 'node:crypto'
import { businessChannelLacks, evolutionChannelLacks } from '../../error-bodies.ts'
import { stringOf } from '../../json.ts'
import type { Messages } from '../../messages.ts'
import { optionsOf } from '../draft-options.ts'
import { schemas } from '../schema.ts'
import type { SendKind } from '../send-kind.ts'

export function pollKind(messages: Messages): SendKind {
  return {
    route: 'sendPoll',
    method: 'pollMessage',
    schema: schemas.poll,
    missingOn: { EVOLUTION: evolutionChannelLacks, 'WHATSAPP-BUSINESS': businessChannelLacks },
    draft({ fields }) {
      const name = stringOf(fields['name']) ?? ''
      const values = Array.isArray(fields['values']) ? fields['values'].map(String) : []
      const selectableCount = Number(fields['selectableCount'])
      const poll = {
        name,
        options: values.map((optionName) => ({ optionName })),
        selectableOptionsCount: selectableCount,
      }
      return {
        ...optionsOf(fields, messages),
        said: { kind: 'poll', content: { name, values, selectableCount } },
        // One choice and many choices are two versions of the same part of WhatsApp's protocol.
        messageType: selectableCount === 1 ? 'pollCreationMessageV3' : 'pollCreationMessage',
        message: {
          messageContextInfo: { messageSecret: randomBytes(32).toString('base64') },
          [selectableCount === 1 ? 'pollCreationMessageV3' : 'pollCreationMessage']: poll,
        },
      }
    },
  }
}
