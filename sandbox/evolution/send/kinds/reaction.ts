import { evolutionChannelLacks, sendErrors } from '../../error-bodies.ts'
import { isJsonObject, type JsonObject, stringOf } from '../../json.ts'
import type { Messages } from '../../messages.ts'
import { optionsOf } from '../draft-options.ts'
import { schemas } from '../schema.ts'
import type { SendKind } from '../send-kind.ts'

export function reactionKind(messages: Messages): SendKind {
  return {
    route: 'sendReaction',
    method: 'reactionMessage',
    schema: schemas.reaction,
    missingOn: { EVOLUTION: evolutionChannelLacks },
    check: (fields) => (isEmoji(stringOf(fields['reaction']) ?? '') ? undefined : sendErrors.notAnEmoji),
    draft({ fields }) {
      const key: JsonObject = isJsonObject(fields['key']) ? fields['key'] : {}
      const emoji = stringOf(fields['reaction']) ?? ''
      return {
        ...optionsOf({ number: key['remoteJid'] }, messages),
        said: { kind: 'reaction', content: { targetKeyId: stringOf(key['id']) ?? '', emoji } },
        messageType: 'reactionMessage',
        message: { reactionMessage: { key, text: emoji } },
      }
    },
  }
}

/** At most one, and none takes the reaction back. */
function isEmoji(text: string): boolean {
  if (text === '') return true
  // Two are drawn and no more, however long the text is.
  const [first, second] = new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(text)
  return (
    first !== undefined && second === undefined && /\p{Emoji}/u.test(first.segment) && !/^[\d#*]$/.test(first.segment)
  )
}
