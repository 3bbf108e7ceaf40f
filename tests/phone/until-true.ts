import { until } from '@whatsapp-sender/sandbox/process/until'
import type { Page } from 'playwright-core'

const PATIENCE_MS = 20_000

/** Waits until the expression is true on the page. (`waitForFunction` evaluates text in a way the page's policy forbids.) */
export async function untilTrue(page: Page, expression: string): Promise<void> {
  const isTrue = async () => ((await page.evaluate(expression)) === true ? true : undefined)
  await until(expression, isTrue, { timeoutMs: PATIENCE_MS })
}
