import { cupPicture, emptyPdf, spokenSound, stickerPicture } from './drawn-media.ts'
import type { PhoneSandbox } from './phone-sandbox.ts'

type Sent = Readonly<{ kind: string; route: string; fields: Readonly<Record<string, unknown>> }>

/** What a phone can get over the Baileys channel, as the API takes it; templates go over the Business channel only. */
function oneOfEveryKind(film: Buffer): readonly Sent[] {
  const file = (bytes: Buffer) => bytes.toString('base64')
  return [
    {
      kind: 'text',
      route: 'sendText',
      fields: { text: 'Your order *#4821* is on its way: https://example.com/r/4821' },
    },
    {
      kind: 'image',
      route: 'sendMedia',
      fields: { mediatype: 'image', mimetype: 'image/png', media: file(cupPicture()), caption: 'Coffee of the week' },
    },
    {
      kind: 'video',
      route: 'sendMedia',
      fields: { mediatype: 'video', mimetype: 'video/webm', media: file(film), caption: 'How it is roasted' },
    },
    {
      kind: 'document',
      route: 'sendMedia',
      fields: {
        mediatype: 'document',
        mimetype: 'application/pdf',
        media: file(emptyPdf()),
        fileName: 'invoice-4821.pdf',
      },
    },
    {
      kind: 'audio',
      route: 'sendMedia',
      fields: { mediatype: 'audio', mimetype: 'audio/wav', media: file(spokenSound(2)), fileName: 'jingle.wav' },
    },
    { kind: 'voice', route: 'sendWhatsAppAudio', fields: { audio: file(spokenSound()) } },
    { kind: 'sticker', route: 'sendSticker', fields: { sticker: file(stickerPicture()) } },
    { kind: 'round-video', route: 'sendPtv', fields: { video: file(film), mimetype: 'video/webm' } },
    {
      kind: 'location',
      route: 'sendLocation',
      fields: { name: 'Our shop', address: 'Rua Augusta 1508, São Paulo', latitude: -23.55616, longitude: -46.66275 },
    },
    {
      kind: 'contacts',
      route: 'sendContact',
      fields: {
        contact: [
          {
            fullName: 'Ana Souza',
            phoneNumber: '+55 11 98888-7001',
            organization: 'Customer care',
            wuid: '5511988887001',
          },
        ],
      },
    },
    {
      kind: 'poll',
      route: 'sendPoll',
      fields: { name: 'When shall we deliver?', selectableCount: 1, values: ['Morning', 'Afternoon', 'Evening'] },
    },
    {
      kind: 'list',
      route: 'sendList',
      fields: {
        title: 'How do you brew?',
        description: 'We grind to fit.',
        footerText: 'One choice',
        buttonText: 'Choose a grind',
        sections: [
          {
            title: 'Filter',
            rows: [
              { title: 'V60', description: 'Medium fine', rowId: 'grind-v60' },
              { title: 'French press', description: 'Coarse', rowId: 'grind-press' },
            ],
          },
          { title: 'Pressure', rows: [{ title: 'Espresso', description: 'Very fine', rowId: 'grind-espresso' }] },
        ],
      },
    },
    {
      kind: 'buttons',
      route: 'sendButtons',
      fields: {
        title: 'Is the address right?',
        description: 'Rua Augusta 1508, São Paulo',
        footer: 'Order #4821',
        buttons: [
          { type: 'reply', displayText: 'Yes', id: 'yes' },
          { type: 'reply', displayText: 'Change it', id: 'change' },
        ],
      },
    },
  ]
}

/** Sends them all to `number`, one after the other, and gives back their ids by kind. */
export async function sendEveryKind(
  sandbox: PhoneSandbox,
  { instance, number, film }: Readonly<{ instance: string; number: string; film: Buffer }>,
): Promise<ReadonlyMap<string, string>> {
  const ids = new Map<string, string>()
  for (const { kind, route, fields } of oneOfEveryKind(film)) {
    ids.set(kind, await sandbox.send(instance, route, { number, ...fields }))
  }
  return ids
}
