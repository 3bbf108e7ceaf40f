import { EXAMPLE } from '../openapi/examples.ts'

const { instance, number: to } = EXAMPLE

/** A message of every kind that a new instance can send. */
export const MESSAGE_EXAMPLES = {
  text: { instance, to, text: 'Your order has left: https://example.com/r/4821', reference: 'order 7' },
  scheduled: {
    instance,
    to,
    text: 'We open at nine.',
    sendAt: '2026-01-31T09:00:00-03:00',
    ttlSeconds: 3600,
    priority: 'high',
    metadata: { shop: 'north' },
  },
  validate: { instance, to, text: 'Would this be accepted?', validateOnly: true },
  image: {
    instance,
    to,
    type: 'image',
    media: { url: 'https://www.gstatic.com/webp/gallery/1.jpg' },
    caption: 'Coffee of the week',
  },
  video: { instance, to, type: 'video', media: { url: 'https://example.com/film.mp4', mimetype: 'video/mp4' } },
  document: {
    instance,
    to,
    type: 'document',
    media: { url: 'https://example.com/4821', mimetype: 'application/pdf', fileName: 'invoice-4821.pdf' },
  },
  audio: { instance, to, type: 'audio', media: { url: 'https://example.com/jingle.mp3' } },
  voice: { instance, to, type: 'voice', media: { url: 'https://example.com/hello.ogg' } },
  sticker: { instance, to, type: 'sticker', media: { url: 'https://www.gstatic.com/webp/gallery/1.sm.webp' } },
  roundVideo: { instance, to, type: 'roundVideo', media: { url: 'https://example.com/hello.mp4' } },
  location: {
    instance,
    to,
    type: 'location',
    latitude: -23.55616,
    longitude: -46.66275,
    name: 'Our shop',
    address: 'Rua Augusta 1508, São Paulo',
  },
  contacts: {
    instance,
    to,
    type: 'contacts',
    contacts: [{ name: 'Ana Souza', phone: '+5511988887001', organization: 'Customer care' }],
  },
  reaction: { instance, to, type: 'reaction', target: { id: '3EB06A68F0F0844729FDAB' }, emoji: '👍' },
  poll: {
    instance,
    to,
    type: 'poll',
    question: 'When shall we deliver?',
    options: ['Morning', 'Afternoon', 'Evening'],
  },
  list: {
    instance,
    to,
    type: 'list',
    title: 'How do you brew?',
    buttonText: 'Choose a grind',
    sections: [{ title: 'Filter', rows: [{ id: 'grind-v60', title: 'V60', description: 'Medium fine' }] }],
  },
  buttons: {
    instance,
    to,
    type: 'buttons',
    title: 'Is the address right?',
    description: 'Rua Augusta 1508',
    buttons: [
      { type: 'reply', text: 'Yes', id: 'yes' },
      { type: 'reply', text: 'Change it', id: 'change' },
    ],
  },
} as const
