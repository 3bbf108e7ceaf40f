import { mentionsPart, quotedPart, type SendRoute } from './send-route.ts'

export const sendText: SendRoute<'text'> = {
  name: 'sendText',
  answers: 'send',
  bodyOf: ({ text, linkPreview, mentions }, target) => ({
    number: target.number,
    // Evolution sends such a text and fails afterwards, on its database.
    text: text.replaceAll('\u0000', ''),
    ...(linkPreview !== undefined && { linkPreview }),
    ...mentionsPart(mentions),
    ...quotedPart(target),
  }),
}
