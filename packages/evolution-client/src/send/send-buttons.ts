import type { Button } from '@whatsapp-sender/contract'
import { type Body, quotedPart, type SendRoute } from './send-route.ts'

export const sendButtons: SendRoute<'buttons'> = {
  name: 'sendButtons',
  answers: 'send',
  bodyOf: ({ title, description, footer, thumbnailUrl, buttons }, target) => ({
    number: target.number,
    title,
    ...(description !== undefined && { description }),
    ...(footer !== undefined && { footer }),
    ...(thumbnailUrl !== undefined && { thumbnailUrl }),
    buttons: buttons.map(buttonOf),
    ...quotedPart(target),
  }),
}

function buttonOf(button: Button): Body {
  switch (button.type) {
    case 'reply':
      return { type: 'reply', displayText: button.text, id: button.id }
    case 'url':
      return { type: 'url', displayText: button.text, url: button.url }
    case 'call':
      return { type: 'call', displayText: button.text, phoneNumber: button.phone }
    case 'copy':
      return { type: 'copy', displayText: button.text, copyCode: button.code }
    case 'pix': {
      const { type, name, keyType, key, currency } = button
      return { type, name, keyType, key, currency }
    }
  }
}
