import { quotedPart, type SendRoute } from './send-route.ts'

export const sendSticker: SendRoute<'sticker'> = {
  name: 'sendSticker',
  answers: 'media',
  fileField: 'sticker',
  bodyOf: (_content, target) => ({ number: target.number, ...quotedPart(target) }),
}
