import { quotedPart, type SendRoute } from './send-route.ts'

export const sendPtv: SendRoute<'roundVideo'> = {
  name: 'sendPtv',
  answers: 'media',
  bodyOf: ({ media: { url, ...named } }, target) => ({
    number: target.number,
    video: url,
    ...named,
    ...quotedPart(target),
  }),
}
