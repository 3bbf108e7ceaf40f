import { evolutionChannelLacks } from '../../error-bodies.ts'
import { isJsonObject, type JsonObject, stringOf } from '../../json.ts'
import type { Messages } from '../../messages.ts'
import { optionsOf, textsOf } from '../draft-options.ts'
import { schemas } from '../schema.ts'
import type { SendKind } from '../send-kind.ts'

export function listKind(messages: Messages): SendKind {
  return {
    route: 'sendList',
    method: 'listMessage',
    schema: schemas.list,
    missingOn: { EVOLUTION: evolutionChannelLacks },
    draft({ fields }) {
      const list = {
        title: stringOf(fields['title']) ?? '',
        ...textsOf(fields, ['description']),
        footerText: stringOf(fields['footerText']) ?? '',
        buttonText: stringOf(fields['buttonText']) ?? '',
        sections: objectsIn(fields['sections']).map((section) => ({
          title: stringOf(section['title']) ?? '',
          rows: objectsIn(section['rows']).map((row) => ({
            title: stringOf(row['title']) ?? '',
            ...textsOf(row, ['description']),
            rowId: stringOf(row['rowId']) ?? '',
          })),
        })),
      }
      return {
        ...optionsOf(fields, messages),
        said: { kind: 'list', content: list },
        messageType: 'listMessage',
        message: { listMessage: { ...list, listType: 2 } },
      }
    },
  }
}

function objectsIn(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : []
}
