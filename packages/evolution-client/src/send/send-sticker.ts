import { quotedPart, type SendRoute } from './send-route.ts'

export const sendSticker: SendRoute<'sticker'> = {
  name: 'sendSticker',
  answers: 'media',
  bodyOf: ({ media }, target) => ({ number: target.number, sticker: media.url, ...quotedPart(target) }),
}
