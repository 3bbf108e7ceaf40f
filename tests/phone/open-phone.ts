import assert from 'node:assert/strict'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'

export type Phone = Readonly<{
  page: Page
  /** Ends the visit. Fails when the page complained, broke its policy, or asked anybody but the sandbox for anything. */
  close(): Promise<void>
}>

export const WIDE = { width: 1280, height: 800 }
export const NARROW = { width: 360, height: 740 }
const PATIENCE_MS = 20_000

export async function openPhone(
  browser: Browser,
  address: string,
  { viewport = WIDE, ...options }: BrowserContextOptions = {},
): Promise<Phone> {
  const context = await browser.newContext({ viewport, reducedMotion: 'reduce', ...options })
  context.setDefaultTimeout(PATIENCE_MS)
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(`${message.type()}: ${message.text()}`)
  })
  page.on('pageerror', (error) => complaints.push(`thrown: ${error.message}`))
  page.on('request', (request) => {
    const url = new URL(request.url())
    const isOwn = url.protocol === 'data:' || url.protocol === 'blob:' || url.host === new URL(address).host
    if (!isOwn) complaints.push(`asked elsewhere: ${request.url()}`)
  })
  await page.exposeFunction('tellOfViolation', (what: string) => complaints.push(`policy: ${what}`))
  await page.addInitScript(
    "addEventListener('securitypolicyviolation', (event) => tellOfViolation(event.violatedDirective + ' ' + event.blockedURI))",
  )
  await page.goto(address)
  await page.locator('#link[data-state="live"]').waitFor({ state: 'attached' })
  return {
    page,
    async close() {
      await context.close()
      assert.deepEqual(complaints, [])
    },
  }
}
