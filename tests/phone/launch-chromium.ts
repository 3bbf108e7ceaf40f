import { type Browser, chromium } from 'playwright-core'
import { findChromium } from './find-chromium.ts'

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
  '--autoplay-policy=no-user-gesture-required',
  '--font-render-hinting=none',
]

/** A running browser, or why there is none. */
export async function launchChromium(env: NodeJS.ProcessEnv): Promise<Browser | string> {
  const found = await findChromium(env)
  if (typeof found === 'string') return found
  try {
    return await chromium.launch({
      executablePath: found.file,
      args: FLAGS,
      env: { PATH: env['PATH'] ?? '', HOME: env['HOME'] ?? '', ...found.env },
    })
  } catch (error) {
    return `${found.file} does not start: ${error instanceof Error ? error.message : String(error)}`
  }
}
