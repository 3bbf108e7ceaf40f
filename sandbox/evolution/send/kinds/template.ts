import { evolutionChannelLacks, templateOverBaileys } from '../../error-bodies.ts'
import { stringOf } from '../../json.ts'
import type { Messages } from '../../messages.ts'
import { optionsOf } from '../draft-options.ts'
import { schemas } from '../schema.ts'
import type { SendKind } from '../send-kind.ts'

export function templateKind(messages: Messages): SendKind {
  return {
    route: 'sendTemplate',
    method: 'templateMessage',
    schema: schemas.template,
    missingOn: { EVOLUTION: evolutionChannelLacks, 'WHATSAPP-BAILEYS': templateOverBaileys },
    draft({ fields }) {
      const template = {
        name: stringOf(fields['name']) ?? '',
        language: stringOf(fields['language']) ?? '',
        ...(Array.isArray(fields['components']) ? { components: fields['components'] } : {}),
      }
      return {
        ...optionsOf(fields, messages),
        said: { kind: 'template', content: template },
        messageType: 'conversation',
        message: { template },
      }
    },
  }
}
