import { quotedPart, type SendRoute } from './send-route.ts'

/** Evolution makes Opus of whatever sound it is given. */
export const sendWhatsAppAudio: SendRoute<'voice'> = {
  name: 'sendWhatsAppAudio',
  answers: 'media',
  fileField: 'audio',
  bodyOf: (_content, target) => ({ number: target.number, ...quotedPart(target) }),
}
