import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import type { Page } from 'playwright-core'
import { launchChromium } from './launch-chromium.ts'
import { sendEveryKind } from './one-of-every-kind.ts'
import { NARROW, openPhone, WIDE } from './open-phone.ts'
import { type PhoneSandbox, startPhoneSandbox } from './phone-sandbox.ts'
import { recordFilm } from './record-film.ts'

const launched = await launchChromium(process.env)
const options = { skip: typeof launched === 'string' ? launched : false }
const AXE = readFileSync(new URL(import.meta.resolve('axe-core/axe.min.js')), 'utf8')
const NUMBER = '5511999991000'
const WORD = 'Donaudampfschifffahrtsgesellschaft'.repeat(6)

let sandbox: PhoneSandbox
let empty: PhoneSandbox

before(async () => {
  if (typeof launched === 'string') return
  sandbox = await startPhoneSandbox({ timeScale: 0.2 })
  empty = await startPhoneSandbox({ timeScale: 0.2 })
  await sandbox.create('shop')
  await sandbox.scan('shop')
  await sandbox.create('waiting', { qrcode: true, number: '5511988887001' })
  await sandbox.create('quiet')
  await sandbox.scan('quiet')
  const ids = await sendEveryKind(sandbox, { instance: 'shop', number: NUMBER, film: await recordFilm(launched) })
  await sandbox.reply('shop', { number: NUMBER, text: 'Thank you', quotedKeyId: ids.get('text') })
  await sandbox.send('shop', 'sendText', { number: '5511999991002', text: 'A second chat' })
  await sandbox.create(WORD)
  await sandbox.scan(WORD)
  for (const [route, fields] of Object.entries(LONG_WORDS)) {
    await sandbox.send(WORD, route, { number: '5511999991003', ...fields })
  }
})
after(async () => {
  if (typeof launched === 'string') return
  await launched.close()
  await sandbox.stop()
  await empty.stop()
})

/** Nothing here has a blank where a line may end. */
const LONG_WORDS: Readonly<Record<string, object>> = {
  sendText: { text: `${WORD} https://example.com/${WORD}?${WORD}`, linkPreview: true },
  sendMedia: {
    mediatype: 'document',
    mimetype: 'text/plain',
    media: Buffer.from('x').toString('base64'),
    fileName: WORD,
    caption: WORD,
  },
  sendLocation: { name: WORD, address: WORD, latitude: 1, longitude: 2 },
  sendContact: {
    contact: [{ fullName: WORD, phoneNumber: '5511999991003', organization: WORD, email: WORD, url: WORD }],
  },
  sendPoll: { name: WORD, selectableCount: 1, values: [WORD, 'x'] },
  sendButtons: {
    title: WORD,
    description: WORD,
    footer: WORD,
    buttons: [{ type: 'reply', displayText: WORD, id: 'x' }],
  },
  sendList: {
    title: WORD,
    description: WORD,
    footerText: WORD,
    buttonText: WORD,
    sections: [{ title: WORD, rows: [{ title: WORD, description: WORD, rowId: WORD }] }],
  },
}

/** The places of the page, and how one gets there by keyboard. */
const ALL_PLACES: Readonly<Record<string, (page: Page) => Promise<void>>> = {
  'no phone yet': (page) => page.locator('.lesson').waitFor(),
  'a chat with a message of every kind': (page) => openChat(page, 'shop', '1000'),
  'a phone that waits to be scanned': (page) => openPhoneOf(page, 'waiting'),
  'words that are longer than the window': (page) => openChat(page, WORD, '1003'),
  'a phone without chats': (page) => openPhoneOf(page, 'quiet'),
  async 'the magic numbers'(page) {
    await page.locator('#show-magic').press('Enter')
    await page.locator('#magic-rows tr').first().waitFor()
  },
  async 'the rows of a list'(page) {
    await openChat(page, 'shop', '1000')
    await page.locator('[data-kind="list"] .choice').press('Enter')
    await page.locator('#list .row').first().waitFor()
  },
  async 'the rows of a list with such words'(page) {
    await openChat(page, WORD, '1003')
    await page.locator('[data-kind="list"] .choice').press('Enter')
    await page.locator('#list .row').first().waitFor()
  },
  async 'an enlarged picture'(page) {
    await openChat(page, 'shop', '1000')
    await page.locator('.picture-button').press('Enter')
    await page.locator('#lightbox-picture').waitFor()
  },
}

function addressOf(place: string): string {
  return `${place === 'no phone yet' ? empty.url : sandbox.url}/phone`
}

async function openPhoneOf(page: Page, name: string): Promise<void> {
  await page.locator(`#phones .row:has-text("${name}")`).press('Enter')
  await page.locator(`#chats-title >> text=${name}`).waitFor()
}

async function openChat(page: Page, name: string, ending: string): Promise<void> {
  await openPhoneOf(page, name)
  await page.locator(`#chats .row:has-text("${ending}")`).press('Enter')
  await page.locator('.conversation .bubble').first().waitFor()
}

async function faultsOf(page: Page): Promise<unknown> {
  await page.evaluate(AXE)
  return page.evaluate(`axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })
    .then(({ violations }) => violations.map(({ id, nodes }) => ({ id, nodes: nodes.map((node) => node.html.slice(0, 160) + ' ' + node.failureSummary) })))`)
}

/** Colours do not depend on the width, nor the structure on the colours. */
const LOOKS = [
  { colorScheme: 'light', viewport: WIDE },
  { colorScheme: 'dark', viewport: NARROW },
] as const

for (const look of LOOKS) {
  test(
    `nothing stands in the way of assistive technology (${look.colorScheme}, ${look.viewport.width} pixels)`,
    options,
    async () => {
      assert.ok(typeof launched !== 'string')
      for (const [place, go] of Object.entries(ALL_PLACES)) {
        const { page, close } = await openPhone(launched, addressOf(place), look)
        await go(page)
        assert.deepEqual(await faultsOf(page), [], place)
        await close()
      }
    },
  )
}

test('a window of 360 pixels needs no sideways scrolling anywhere', options, async () => {
  assert.ok(typeof launched !== 'string')
  for (const [place, go] of Object.entries(ALL_PLACES)) {
    const { page, close } = await openPhone(launched, addressOf(place), { viewport: NARROW })
    await go(page)
    assert.deepEqual(await page.evaluate(TOO_WIDE), [], place)
    await close()
  }
})

const TOO_WIDE = `[...document.querySelectorAll('html, body, .wallpaper, .scrolling, .rows, .dialog-body, .conversations')]
  .filter((box) => box.clientWidth > 0 && box.scrollWidth > box.clientWidth)
  .map((box) => box.id || box.className || box.tagName)`

test('the whole page can be walked by keyboard, and what has the focus shows it', options, async () => {
  assert.ok(typeof launched !== 'string')
  const { page, close } = await openPhone(launched, `${sandbox.url}/phone?instance=shop`)
  await page.locator('#chats .row').first().waitFor()
  const stops: string[] = []
  const focused = `(() => {
    const { activeElement: at } = document
    const style = getComputedStyle(at)
    const shown = at.matches(':focus-visible') && style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2
    return (shown || at.className === 'skip' ? '' : 'unseen ') + (at.getAttribute('aria-label') ?? at.textContent).trim().slice(0, 40)
  })()`
  const tab = async () => {
    await page.keyboard.press('Tab')
    stops.push(String(await page.evaluate(focused)))
  }
  for (let step = 0; step < 4; step += 1) await tab()
  assert.deepEqual(stops.slice(0, 3), ['Skip to the conversation', 'Magic numbers', 'Colours: system'])
  assert.match(stops[3] ?? '', /^S?.*shop/)
  for (const key of ['ArrowDown', 'ArrowUp', 'Tab']) await page.keyboard.press(key)
  await page.keyboard.press('Tab')
  await page.keyboard.press('End')
  await page.keyboard.press('Home')
  await page.keyboard.press('Enter')
  await page.locator('.conversation').waitFor()
  for (let step = 0; step < 80 && !(stops.at(-1) ?? '').startsWith('Reply as'); step += 1) await tab()
  assert.match(stops.at(-1) ?? '', /^Reply as/)
  await page.keyboard.type('From the keyboard')
  await page.keyboard.press('Enter')
  await page.locator('[data-direction="in"] >> text=From the keyboard').waitFor()
  assert.equal(await page.locator('#live').textContent(), 'Replied: From the keyboard')
  assert.deepEqual(
    stops.filter((stop) => stop.startsWith('unseen')),
    [],
  )
  await close()
})

test('a new message in the open chat is announced', options, async () => {
  assert.ok(typeof launched !== 'string')
  const { page, close } = await openPhone(launched, `${sandbox.url}/phone`)
  await openChat(page, 'shop', '1002')
  await sandbox.send('shop', 'sendText', { number: '5511999991002', text: 'Hear this' })
  await page.locator('#live[aria-live="polite"] >> text=New message: Hear this').waitFor({ state: 'attached' })
  await close()
})

test('an empty page shows the command that makes the first phone', options, async () => {
  assert.ok(typeof launched !== 'string')
  const { page, close } = await openPhone(launched, `${empty.url}/phone`)
  const command = (await page.locator('.command code').textContent()) ?? ''
  assert.ok(command.startsWith(`curl -X POST '${empty.url}/instance/create'`), command)
  const [, body = ''] = /-d '(.*)'$/.exec(command) ?? []
  await empty.create('my-phone', JSON.parse(body))
  await page.locator('#phones .row >> text=my-phone').waitFor()
  await close()
})

test('colours can be chosen and are remembered', options, async () => {
  assert.ok(typeof launched !== 'string')
  const { page, close } = await openPhone(launched, `${sandbox.url}/phone`, { colorScheme: 'light' })
  for (const theme of ['light', 'dark']) {
    await page.locator('#theme').click()
    assert.equal(await page.locator('html').getAttribute('data-theme'), theme)
  }
  await page.reload()
  assert.equal(await page.locator('html').getAttribute('data-theme'), 'dark')
  assert.equal(await page.evaluate('getComputedStyle(document.documentElement).colorScheme'), 'dark')
  await close()
})

test('the focus stays on a chat that moves to the top', options, async () => {
  assert.ok(typeof launched !== 'string')
  const { page, close } = await openPhone(launched, `${sandbox.url}/phone?instance=shop`)
  const row = page.locator('#chats .row:has-text("1000")')
  await sandbox.send('shop', 'sendText', { number: '5511999991002', text: 'Now first' })
  await page.locator('#chats li:first-child >> text=Now first').waitFor()
  await row.focus()
  await sandbox.send('shop', 'sendText', { number: NUMBER, text: 'Overtaken' })
  await page.locator('#chats li:first-child >> text=Overtaken').waitFor()
  assert.match(String(await page.evaluate("document.activeElement.closest('.row')?.textContent")), /1000/)
  await close()
})

test('the address leads back to the same chat, also in a narrow window', options, async () => {
  assert.ok(typeof launched !== 'string')
  const { page, close } = await openPhone(launched, `${sandbox.url}/phone`)
  await openChat(page, 'shop', '1002')
  const address = page.url()
  await close()
  const again = await openPhone(launched, address, { viewport: NARROW })
  await again.page.locator('.conversation[data-chat="shop/5511999991002"] .bubble').first().waitFor()
  await again.close()
})
