import { cupPicture, emptyPdf, spokenSound, stickerPicture } from './drawn-media.ts'
import type { PhoneSandbox } from './phone-sandbox.ts'

const MARIA = '5511999991000'
const JOAO = '5511999994410'
const ANN = '14155550123'

/** Three phones with the chats of a small coffee shop, for pictures of the page. */
export async function sendDemo(
  sandbox: PhoneSandbox,
  film: Buffer,
): Promise<Readonly<{ chats: readonly [string, string] }>> {
  const phones = { appointments: '5521977776002', collections: '5531966665003', 'store-front': '5511988887001' }
  for (const [name, number] of Object.entries(phones)) {
    await sandbox.create(name, { number })
    await sandbox.scan(name)
  }
  await sandbox.create('new-phone', { qrcode: true, number: '5511988887009' })
  await sandbox.send('appointments', 'sendText', { number: ANN, text: 'Your visit is tomorrow at 9:30.' })
  await sandbox.send('collections', 'sendText', { number: JOAO, text: 'Sua fatura vence na sexta-feira.' })
  await others(sandbox)
  await joao(sandbox, film)
  await maria(sandbox)
  return { chats: [MARIA, JOAO] }
}

async function others(sandbox: PhoneSandbox): Promise<void> {
  const texts = {
    '5511999990463': 'Your code is 482 913',
    '5511999990010': 'We miss you! 10 % off until Sunday.',
    '5521999998888': 'Your parcel is at the counter.',
    [ANN]: 'Your table for two is confirmed for 8 pm.',
  }
  for (const [number, text] of Object.entries(texts)) await sandbox.send('store-front', 'sendText', { number, text })
  const sticker = stickerPicture().toString('base64')
  await sandbox.send('store-front', 'sendSticker', { number: '5521999998888', sticker })
}

async function joao(sandbox: PhoneSandbox, film: Buffer): Promise<void> {
  const send = (route: string, fields: object) => sandbox.send('store-front', route, { number: JOAO, ...fields })
  await send('sendText', { text: 'Olá João! O pedido *#4822* saiu para entrega 🛵' })
  await send('sendLocation', {
    name: 'Seu pedido está aqui',
    address: 'Rua Augusta 1508, São Paulo',
    latitude: -23.55616,
    longitude: -46.66275,
  })
  await sandbox.reply('store-front', { number: JOAO, text: 'Que rápido! Estou em casa 🙌' })
  await send('sendPtv', { video: film.toString('base64'), mimetype: 'video/webm' })
  await send('sendWhatsAppAudio', { audio: spokenSound().toString('base64') })
}

async function maria(sandbox: PhoneSandbox): Promise<void> {
  const send = (route: string, fields: object) => sandbox.send('store-front', route, { number: MARIA, ...fields })
  const picture = await send('sendMedia', {
    mediatype: 'image',
    mimetype: 'image/png',
    media: cupPicture().toString('base64'),
    caption: 'Hi Maria, the coffee you liked is back: *Serra do Cipó*, 250 g',
  })
  await sandbox.reply('store-front', { number: MARIA, text: 'Two bags, please!', quotedKeyId: picture })
  await send('sendReaction', {
    key: { id: picture, remoteJid: `${MARIA}@s.whatsapp.net`, fromMe: true },
    reaction: '❤️',
  })
  await send('sendMedia', {
    mediatype: 'document',
    mimetype: 'application/pdf',
    media: emptyPdf().toString('base64'),
    fileName: 'invoice-4821.pdf',
  })
  await send('sendPoll', {
    name: 'When shall we deliver?',
    selectableCount: 1,
    values: ['Morning', 'Afternoon', 'Evening'],
  })
  await sandbox.reply('store-front', { number: MARIA, text: 'Afternoon works best' })
  await send('sendText', { text: 'Done! It arrives between 2 and 4.' })
}
