import { errorAnswer, sendErrors } from '../../error-bodies.ts'
import type { Answer } from '../../http/answer.ts'
import { isJsonObject, type JsonObject, stringOf } from '../../json.ts'
import type { Messages } from '../../messages.ts'
import { optionsOf, textsOf } from '../draft-options.ts'
import { schemas } from '../schema.ts'
import type { SendKind } from '../send-kind.ts'

export function buttonsKind(messages: Messages): SendKind {
  return {
    route: 'sendButtons',
    method: 'buttonMessage',
    schema: schemas.buttons,
    draft({ fields, instance }) {
      const buttons = Array.isArray(fields['buttons']) ? fields['buttons'].filter(isJsonObject) : undefined
      if (instance.integration === 'WHATSAPP-BAILEYS') {
        const fault = faultOf(buttons)
        if (fault !== undefined) return fault
      }
      const texts = textsOf(fields, ['title', 'description', 'footer'])
      const shown = (buttons ?? []).map(buttonOf)
      return {
        ...optionsOf(fields, messages),
        said: { kind: 'buttons', content: { ...texts, buttons: shown } },
        messageType: 'viewOnceMessage',
        message: viewOnce(texts, shown),
      }
    },
  }
}

type Button = ReturnType<typeof buttonOf>

function buttonOf(button: JsonObject) {
  const type = stringOf(button['type']) ?? ''
  return { type, ...textsOf(button, ['displayText', 'id', 'url', 'copyCode', 'phoneNumber']) }
}

/** Nobody checks that there are buttons at all: the server trips over the missing list. */
function faultOf(buttons: readonly JsonObject[] | undefined): Answer | undefined {
  if (buttons === undefined) return sendErrors.noButtons
  if (buttons.length === 0) return errorAnswer(400, ['At least one button is required'])
  const count = (type: string) => buttons.filter((button) => button['type'] === type).length
  const replies = count('reply')
  const pix = count('pix')
  const others = buttons.length - replies - pix
  if (replies > 0 && buttons.length > 3) return errorAnswer(400, ['Maximum of 3 reply buttons allowed'])
  if (replies > 0 && others > 0) return errorAnswer(400, ['Reply buttons cannot be mixed with other types'])
  if (pix > 0 && buttons.length > 1) return errorAnswer(400, ['Only one PIX button is allowed'])
  return undefined
}

const NATIVE_NAMES: Readonly<Record<string, string>> = {
  reply: 'quick_reply',
  copy: 'cta_copy',
  url: 'cta_url',
  call: 'cta_call',
  pix: 'payment_info',
}

/** A missing title prints as "undefined" on the real server too. */
function viewOnce(texts: Partial<Record<'title' | 'description' | 'footer', string>>, buttons: readonly Button[]) {
  const { title, description, footer } = texts
  return {
    viewOnceMessage: {
      message: {
        interactiveMessage: {
          body: { text: description ? `*${title}*\n\n${description}\n` : `*${title}*` },
          footer: { text: footer },
          nativeFlowMessage: {
            buttons: buttons.map((button) => ({
              name: NATIVE_NAMES[button.type] ?? '',
              buttonParamsJson: JSON.stringify(paramsOf(button)),
            })),
            messageParamsJson: JSON.stringify({ from: 'api', templateId: '' }),
          },
        },
      },
    },
  }
}

function paramsOf({ displayText, id, url, copyCode, phoneNumber }: Button) {
  return { display_text: displayText, id, url, copy_code: copyCode, phone_number: phoneNumber }
}
