import { setTimeout as sleep } from 'node:timers/promises'
import type { Page } from 'playwright-core'

const PATIENCE_MS = 20_000

/** Waits until the expression is true on the page. (`waitForFunction` evaluates text in a way the page's policy forbids.) */
export async function untilTrue(page: Page, expression: string): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS
  while ((await page.evaluate(expression)) !== true) {
    if (Date.now() > deadline) throw new Error(`Never true: ${expression}`)
    await sleep(50)
  }
}
