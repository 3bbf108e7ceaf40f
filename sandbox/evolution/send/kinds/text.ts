import { sendErrors } from '../../error-bodies.ts'
import { stringOf } from '../../json.ts'
import type { Messages } from '../../messages.ts'
import { optionsOf } from '../draft-options.ts'
import { schemas } from '../schema.ts'
import type { SendKind } from '../send-kind.ts'

/** What the real server waits for a preview it cannot fetch. */
const UNFETCHED_PREVIEW_MS = 560

export function textKind(messages: Messages): SendKind {
  return {
    route: 'sendText',
    method: 'textMessage',
    schema: schemas.text,
    isPlain: (fields) =>
      typeof fields['number'] === 'string' && typeof fields['text'] === 'string' && Object.keys(fields).length === 2,
    draft({ fields, instance }) {
      const text = stringOf(fields['text']) ?? ''
      if (instance.integration === 'WHATSAPP-BAILEYS' && text.trim() === '') return sendErrors.blankText
      const options = optionsOf(fields, messages)
      const url = fields['linkPreview'] === false ? undefined : URL_IN_TEXT.exec(text)?.[0]
      return {
        ...options,
        said: {
          kind: 'text',
          content: {
            text,
            ...(url === undefined ? {} : { preview: { url } }),
            ...(options.mentioned.length === 0 ? {} : { mentioned: [...options.mentioned] }),
          },
        },
        messageType: 'conversation',
        message: { conversation: text },
        ...(url !== undefined && NOWHERE.test(url) ? { busyMs: UNFETCHED_PREVIEW_MS } : {}),
      }
    },
  }
}

const URL_IN_TEXT = /https?:\/\/[^\s<>"']+/i

/** A name that no network resolves stands for a page that cannot be fetched; the sandbox fetches none. */
const NOWHERE = /^https?:\/\/[^/]*\.(invalid|test|example)\b/i
