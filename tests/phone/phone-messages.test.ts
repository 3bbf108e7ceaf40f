import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import jsqr from 'jsqr'
import type { Page } from 'playwright-core'
import { z } from 'zod'
import { launchChromium } from './launch-chromium.ts'
import { sendEveryKind } from './one-of-every-kind.ts'
import { openPhone } from './open-phone.ts'
import { type PhoneSandbox, startPhoneSandbox } from './phone-sandbox.ts'
import { recordFilm } from './record-film.ts'
import { untilTrue } from './until-true.ts'

/** Its types say `default`, and the module itself is the function. */
const jsQR = jsqr.default
const launched = await launchChromium(process.env)
const options = { skip: typeof launched === 'string' ? launched : false }
const NUMBER = '5511999991000'

let sandbox: PhoneSandbox

before(async () => {
  sandbox = await startPhoneSandbox({ deliveredAfterMs: 800, readAfterMs: 1_600, timeScale: 0.2 })
})
after(async () => {
  if (typeof launched !== 'string') await launched.close()
  await sandbox.stop()
})

/** A connected phone of that name, and the page that shows it. */
async function visit(name: string) {
  assert.ok(typeof launched !== 'string')
  await sandbox.create(name)
  await sandbox.scan(name)
  return openPhone(launched, `${sandbox.url}/phone?instance=${name}`)
}

test('a message of every kind appears as a phone shows it', options, async () => {
  assert.ok(typeof launched !== 'string')
  const { page, close } = await visit('kinds')
  const ids = await sendEveryKind(sandbox, { instance: 'kinds', number: NUMBER, film: await recordFilm(launched) })
  await page.locator('#chats .row').click()
  const insides: Readonly<Record<string, string>> = {
    text: '.bubble-text strong >> text=#4821',
    image: 'img.picture',
    video: 'video.picture',
    document: 'a.document[download="invoice-4821.pdf"]',
    audio: '.sound .play',
    voice: '.sound .voice',
    sticker: 'img.sticker',
    'round-video': 'button.round video',
    location: 'svg.map',
    contacts: '.contact >> text=Ana Souza',
    poll: '.poll li >> text=Afternoon',
    list: 'button.choice >> text=Choose a grind',
    buttons: 'button.choice >> text=Change it',
  }
  for (const [kind, inside] of Object.entries(insides)) {
    await page
      .locator(`[data-key="${ids.get(kind)}"] ${inside}`)
      .first()
      .waitFor()
  }
  await untilTrue(
    page,
    "[...document.querySelectorAll('img.picture, img.sticker')].every((picture) => picture.naturalWidth > 0)",
  )
  await untilTrue(
    page,
    "[...document.querySelectorAll('.play-time')].map((time) => time.textContent).join() === '0:02,0:03'",
  )
  assert.equal(await page.locator('.missing').count(), 0)
  await close()
})

test('a template appears on a phone of the Business channel', options, async () => {
  assert.ok(typeof launched !== 'string')
  await sandbox.create('cloud', { integration: 'WHATSAPP-BUSINESS', token: 'meta-token', number: '123456789012345' })
  const { page, close } = await openPhone(launched, `${sandbox.url}/phone?instance=cloud`)
  const components = [{ type: 'body', parameters: [{ type: 'text', text: 'Maria' }] }]
  await sandbox.send('cloud', 'sendTemplate', { number: NUMBER, name: 'order_sent', language: 'pt_BR', components })
  await page.locator('#chats .row').click()
  await page.locator('[data-kind="template"] >> text=order_sent').waitFor()
  await page.locator('[data-kind="template"] .parameter >> text=Maria').waitFor()
  await close()
})

test('a template that makes no sense is shown as far as it can be, and the page lives on', options, async () => {
  assert.ok(typeof launched !== 'string')
  await sandbox.create('odd', { integration: 'WHATSAPP-BUSINESS', token: 'meta-token', number: '123456789012345' })
  const { page, close } = await openPhone(launched, `${sandbox.url}/phone?instance=odd`)
  for (const components of [[null], [7, { type: { toString: 1 } }], [{ type: 'body', parameters: [null, 5] }]]) {
    await sandbox.send('odd', 'sendTemplate', { number: NUMBER, name: 'odd', language: 'en', components })
  }
  await sandbox.send('odd', 'sendText', { number: NUMBER, text: 'Still here' })
  await page.locator('#chats .row').click()
  await page.locator('.bubble-text >> text=Still here').waitFor()
  assert.equal(await page.locator('.bubble[data-kind="template"]').count(), 3)
  await close()
})

test('ticks move from sent over delivered to read', options, async () => {
  const { page, close } = await visit('ticks')
  await sandbox.send('ticks', 'sendText', { number: NUMBER, text: 'Before' })
  await page.locator('#chats .row').click()
  await page.locator('.bubble-text >> text=Before').waitFor()
  await page.evaluate(RECORD_TICKS)
  const keyId = await sandbox.send('ticks', 'sendText', { number: NUMBER, text: 'Watch me' })
  await page.locator(`[data-key="${keyId}"] .tick[data-status="READ"]`).waitFor()
  assert.equal(await page.locator(`[data-key="${keyId}"] .tick`).textContent(), 'read')
  assert.deepEqual(await page.evaluate(`recorded['${keyId}']`), ['PENDING', 'DELIVERY_ACK', 'READ'])
  await close()
})

/** Recorded inside the page, for it may all be over before anybody outside looks. */
const RECORD_TICKS = `
  window.recorded = {}
  new MutationObserver(() => {
    for (const item of document.querySelectorAll('.message[data-key]')) {
      const list = (recorded[item.dataset.key] ??= [])
      const status = item.querySelector('.tick')?.dataset.status
      if (list.at(-1) !== status) list.push(status)
    }
  }).observe(document.querySelector('.bubbles'), { subtree: true, childList: true, attributes: true })
`

test('whoever waits out a delay is seen typing', options, async () => {
  const { page, close } = await visit('typist')
  const sending = sandbox.send('typist', 'sendText', { number: NUMBER, text: 'At last', delay: 1_500 })
  await page.locator('#chats .row >> text=typing…').waitFor()
  await page.locator('#chats .row').click()
  await page.locator('.bubble.typing').waitFor()
  await page.locator('.conversation .sub >> text=typing…').waitFor()
  await sending
  await page.locator('.bubble-text >> text=At last').waitFor()
  await page.locator('.bubble.typing').waitFor({ state: 'detached' })
  await close()
})

test('a reaction sits on its message, and leaves it when it is taken back', options, async () => {
  const { page, close } = await visit('reacting')
  const id = await sandbox.send('reacting', 'sendText', { number: NUMBER, text: 'Good news' })
  const key = { id, remoteJid: `${NUMBER}@s.whatsapp.net`, fromMe: true }
  await page.locator('#chats .row').click()
  await sandbox.send('reacting', 'sendReaction', { key, reaction: '🎉' })
  await page.locator(`[data-key="${id}"] .reactions >> text=🎉`).waitFor()
  await sandbox.send('reacting', 'sendReaction', { key, reaction: '' })
  await page.locator(`[data-key="${id}"] .reactions`).waitFor({ state: 'hidden' })
  assert.equal(await page.locator('.message').count(), 1)
  await close()
})

test('a phone opens when its code is scanned, by the button or by the link in the code', options, async () => {
  assert.ok(typeof launched !== 'string')
  for (const name of ['by-button', 'by-link']) {
    await sandbox.create(name, { qrcode: true, number: '5511988887001' })
    const suffix = name === 'by-link' ? '&scan' : ''
    const { page, close } = await openPhone(launched, `${sandbox.url}/phone?instance=${name}${suffix}`)
    await page.locator('#qr[src^="data:image/png;base64,"]').waitFor()
    assert.equal(await linkIn(page), `${sandbox.url}/phone?instance=${name}&scan`)
    assert.match((await page.locator('#pairing-code').textContent()) ?? '', /^[A-Z1-9]{4}-[A-Z1-9]{4}$/)
    assert.match((await page.locator('#pairing-age').textContent()) ?? '', /^Code 1, renewed in \d+ s$/)
    await page.locator(name === 'by-link' ? '#scan-sheet-button' : '#scan').click()
    await page.locator('#pairing').waitFor({ state: 'hidden' })
    await page.locator(`#phones .row:has-text("${name}") .dot[data-state="open"]`).waitFor()
    await close()
  }
})

/** What a camera reads from the code on the page. */
async function linkIn(page: Page): Promise<string | undefined> {
  const drawn: unknown = await page.evaluate(`(async () => {
    const picture = document.querySelector('#qr')
    await picture.decode()
    const canvas = new OffscreenCanvas(picture.naturalWidth, picture.naturalHeight)
    const brush = canvas.getContext('2d')
    brush.drawImage(picture, 0, 0)
    return [...brush.getImageData(0, 0, canvas.width, canvas.height).data]
  })()`)
  const pixels = Uint8ClampedArray.from(z.array(z.number()).parse(drawn))
  const side = Math.sqrt(pixels.length / 4)
  return jsQR(pixels, side, side)?.data
}

test('a reply written on the page reaches the webhook as messages.upsert, with what it quotes', options, async () => {
  const { page, close } = await visit('listener')
  const webhook = await listen()
  await sandbox.setWebhook('listener', webhook.url, ['MESSAGES_UPSERT'])
  const keyId = await sandbox.send('listener', 'sendText', { number: NUMBER, text: 'Shall we?' })
  await page.locator('#chats .row').click()
  const asked = page.locator(`[data-key="${keyId}"]`)
  await asked.hover()
  await asked.locator('.quote-button').click()
  await page.locator('.composer textarea').fill('Yes, *please*')
  await page.locator('.composer .send').click()
  await page.locator('[data-direction="in"] strong >> text=please').waitFor()
  await page.locator('[data-direction="in"] .quotation >> text=Shall we?').waitFor()
  const event = await webhook.received
  assert.match(event, /"event":"messages.upsert"/)
  assert.match(event, /"conversation":"Yes, \*please\*"/)
  assert.match(event, new RegExp(`"stanzaId":"${keyId}"`))
  webhook.close()
  await close()
})

test('choosing from a list answers with the row', options, async () => {
  const { page, close } = await visit('lists')
  await sandbox.send('lists', 'sendList', {
    number: NUMBER,
    title: 'Size?',
    footerText: '',
    buttonText: 'Choose',
    sections: [{ title: 'Sizes', rows: [{ title: 'Large', rowId: 'l' }] }],
  })
  await page.locator('#chats .row').click()
  await page.locator('.choice').click()
  await page.locator('#list .row >> text=Large').click()
  await page.locator('[data-direction="in"] .bubble-text >> text=Large').waitFor()
  await close()
})

test('what a sender writes stays text, also when it looks like markup', options, async () => {
  const { page, close } = await visit('markup')
  const text = '<img src="x" onerror="document.title=1"> <b>bold</b> javascript:alert(1)'
  await sandbox.send('markup', 'sendText', { number: NUMBER, text })
  await page.locator('#chats .row').click()
  await page.locator('.bubble-text').waitFor()
  assert.equal(await page.locator('.bubble-text').textContent(), text)
  assert.equal(await page.locator('.bubble :is(img, b, a)').count(), 0)
  await close()
})

test('pinned chats stay open side by side while others come and go', options, async () => {
  const { page, close } = await visit('columns')
  const numbers = ['5511999991001', '5511999991002', '5511999991003']
  for (const number of numbers) await sandbox.send('columns', 'sendText', { number, text: `To ${number}` })
  const open = (number: string) => page.locator(`#chats .row:has-text("${number.slice(-4)}")`).click()
  for (const number of numbers.slice(0, 2)) {
    await open(number)
    await page.locator(`[data-chat="columns/${number}"] [aria-pressed="false"]`).click()
  }
  await open(numbers[2] ?? '')
  for (const number of numbers) await page.locator(`.conversation .bubble-text >> text=To ${number}`).waitFor()
  assert.equal(await page.locator('.conversation').count(), 3)
  await close()
})

/** A webhook that keeps the first thing it is told. */
async function listen() {
  const { promise, resolve } = Promise.withResolvers<string>()
  const server = createServer((req, res) => {
    let text = ''
    req.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
    req.on('end', () => {
      res.end('ok')
      resolve(text)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = addressOf(server.address())
  return { url: `http://127.0.0.1:${port}/`, received: promise, close: () => server.close() }
}

function addressOf(address: AddressInfo | string | null): AddressInfo {
  assert.ok(typeof address === 'object' && address !== null)
  return address
}
