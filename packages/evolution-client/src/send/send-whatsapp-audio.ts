import { quotedPart, type SendRoute } from './send-route.ts'

/** Evolution makes Opus of whatever sound it is given. */
export const sendWhatsAppAudio: SendRoute<'voice'> = {
  name: 'sendWhatsAppAudio',
  answers: 'media',
  bodyOf: ({ media }, target) => ({ number: target.number, audio: media.url, ...quotedPart(target) }),
}
