import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { sendDemo } from './demo.ts'
import { launchChromium } from './launch-chromium.ts'
import { startPhoneSandbox } from './phone-sandbox.ts'
import { recordFilm } from './record-film.ts'
import { untilTrue } from './until-true.ts'

// `node bootstrap.mjs tests/phone/take-screenshots.ts` draws the pictures of the phone in docs/images anew.

const IMAGES = join(import.meta.dirname, '../../docs/images')
const WIDE = { width: 1440, height: 940 }
const NARROW = { width: 390, height: 780 }

const browser = await launchChromium(process.env)
if (typeof browser === 'string') {
  console.error(browser)
  process.exit(1)
}
const sandbox = await startPhoneSandbox({ deliveredAfterMs: 50, readAfterMs: 100, timeScale: 0.1 })
const { chats } = await sendDemo(sandbox, await recordFilm(browser))
await shoot(browser, { name: 'phone-light', viewport: WIDE, colorScheme: 'light', prepare: pinTwo })
await shoot(browser, { name: 'phone-dark', viewport: WIDE, colorScheme: 'dark', prepare: pinTwo })
await shoot(browser, { name: 'phone-narrow', viewport: NARROW, colorScheme: 'light', prepare: openFirst })
await browser.close()
await sandbox.stop()

type Shot = Readonly<{
  name: string
  viewport: Readonly<{ width: number; height: number }>
  colorScheme: 'light' | 'dark'
  prepare(page: Page): Promise<void>
}>

async function shoot(from: Browser, { name, viewport, colorScheme, prepare }: Shot): Promise<void> {
  const context = await from.newContext({ viewport, colorScheme, reducedMotion: 'reduce', locale: 'en-GB' })
  const page = await context.newPage()
  await page.goto(`${sandbox.url}/phone?instance=store-front`)
  await page.locator('#link[data-state="live"]').waitFor({ state: 'attached' })
  await prepare(page)
  await untilTrue(page, '[...document.images].every((picture) => picture.complete)')
  const pending = ['PENDING', 'DELIVERY_ACK'].map((status) => `.conversation .tick[data-status="${status}"]`)
  await untilTrue(page, `document.querySelector('${pending.join()}') === null`)
  await page.screenshot({ path: join(IMAGES, `${name}.png`) })
  await context.close()
  console.log(`${name}.png`)
}

async function pinTwo(page: Page): Promise<void> {
  const [first, second] = chats
  await chatRow(page, first).click()
  await page.locator('.conversation [aria-pressed]').click()
  await chatRow(page, second).click()
  await page.locator(`[data-chat$="${second}"] .bubble`).first().waitFor()
  await page.locator('#show-magic').focus()
  await page.evaluate('document.activeElement.blur()')
}

async function openFirst(page: Page): Promise<void> {
  await chatRow(page, chats[0]).click()
  await page.locator('.conversation .bubble').first().waitFor()
  await page.evaluate('document.activeElement.blur()')
}

function chatRow(page: Page, number: string) {
  return page.locator(`#chats .row:has-text("${number.slice(-4)}")`)
}
