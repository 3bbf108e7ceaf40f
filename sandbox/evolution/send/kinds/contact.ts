import { evolutionChannelLacks } from '../../error-bodies.ts'
import { jidOf } from '../../jid.ts'
import { isJsonObject, type JsonObject, stringOf } from '../../json.ts'
import type { Messages } from '../../messages.ts'
import { optionsOf, textsOf } from '../draft-options.ts'
import { schemas } from '../schema.ts'
import type { SendKind } from '../send-kind.ts'

export function contactKind(messages: Messages): SendKind {
  return {
    route: 'sendContact',
    method: 'contactMessage',
    schema: schemas.contact,
    missingOn: { EVOLUTION: evolutionChannelLacks },
    draft({ fields }) {
      const given = Array.isArray(fields['contact']) ? fields['contact'].filter(isJsonObject) : []
      const cards = given.map((contact) => ({
        displayName: stringOf(contact['fullName']) ?? '',
        vcard: vcard(contact),
      }))
      const [first] = cards
      const isOne = cards.length === 1 && first !== undefined
      return {
        // This route looks at neither delay nor quoted.
        ...optionsOf({ number: fields['number'] }, messages),
        said: {
          kind: 'contacts',
          content: {
            contacts: given.map((contact) => ({
              fullName: stringOf(contact['fullName']) ?? '',
              phoneNumber: stringOf(contact['phoneNumber']) ?? '',
              ...textsOf(contact, ['organization', 'email', 'url']),
            })),
          },
        },
        messageType: isOne ? 'contactMessage' : 'contactsArrayMessage',
        message: isOne
          ? { contactMessage: first }
          : { contactsArrayMessage: { displayName: `${cards.length} contacts`, contacts: cards } },
      }
    },
  }
}

function vcard(contact: JsonObject): string {
  const { fullName, phoneNumber, organization, email, url, wuid } = textsOf(contact, [
    'fullName',
    'phoneNumber',
    'organization',
    'email',
    'url',
    'wuid',
  ])
  return [
    'BEGIN:VCARD',
    'VERSION:3.0',
    `N:${fullName}`,
    `FN:${fullName}`,
    ...(organization ? [`ORG:${organization};`] : []),
    ...(email ? [`EMAIL:${email}`] : []),
    ...(url ? [`URL:${url}`] : []),
    `item1.TEL;waid=${wuid ?? jidOf(phoneNumber ?? '')}:${phoneNumber}`,
    'item1.X-ABLabel:Celular',
    'END:VCARD',
  ].join('\n')
}
