import { namesPart, quotedPart, type SendRoute } from './send-route.ts'

export const sendPtv: SendRoute<'roundVideo'> = {
  name: 'sendPtv',
  answers: 'media',
  fileField: 'video',
  bodyOf: ({ media }, target) => ({ number: target.number, ...namesPart(media, target), ...quotedPart(target) }),
}
