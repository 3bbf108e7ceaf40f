import { evolutionChannelLacks } from '../../error-bodies.ts'
import type { Messages } from '../../messages.ts'
import { optionsOf, textsOf } from '../draft-options.ts'
import { schemas } from '../schema.ts'
import type { SendKind } from '../send-kind.ts'

export function locationKind(messages: Messages): SendKind {
  return {
    route: 'sendLocation',
    method: 'locationMessage',
    schema: schemas.location,
    missingOn: { EVOLUTION: evolutionChannelLacks },
    draft({ fields }) {
      const latitude = Number(fields['latitude'])
      const longitude = Number(fields['longitude'])
      const texts = textsOf(fields, ['name', 'address'])
      return {
        ...optionsOf(fields, messages),
        said: { kind: 'location', content: { latitude, longitude, ...texts } },
        messageType: 'locationMessage',
        message: { locationMessage: { degreesLatitude: latitude, degreesLongitude: longitude, ...texts } },
      }
    },
  }
}
