import type { SendRoute } from './send-route.ts'

/** It has no number: it goes to the chat of its target. */
export const sendReaction: SendRoute<'reaction'> = {
  name: 'sendReaction',
  answers: 'send',
  bodyOf: ({ emoji }, { reference }) => {
    if (reference === undefined) throw new Error('a reaction is sent without its target')
    const { id, remoteJid, fromMe } = reference
    return { key: { id, remoteJid, fromMe }, reaction: emoji }
  },
}
