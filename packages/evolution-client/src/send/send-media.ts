import { mentionsPart, namesPart, quotedPart, type SendRoute } from './send-route.ts'

/** One route for four kinds of file. */
export const sendImage: SendRoute<'image'> = captioned('image')
export const sendVideo: SendRoute<'video'> = captioned('video')
export const sendDocument: SendRoute<'document'> = captioned('document')

export const sendAudio: SendRoute<'audio'> = {
  name: 'sendMedia',
  answers: 'media',
  fileField: 'media',
  bodyOf: ({ media }, target) => ({
    number: target.number,
    mediatype: 'audio',
    ...namesPart(media, target),
    ...quotedPart(target),
  }),
}

function captioned(mediatype: 'image' | 'video' | 'document'): SendRoute<'image' | 'video' | 'document'> {
  return {
    name: 'sendMedia',
    answers: 'media',
    fileField: 'media',
    bodyOf: ({ media, caption, mentions }, target) => ({
      number: target.number,
      mediatype,
      ...namesPart(media, target),
      ...(caption !== undefined && { caption }),
      ...mentionsPart(mentions),
      ...quotedPart(target),
    }),
  }
}
