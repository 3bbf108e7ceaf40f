import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createAccountClient } from '@whatsapp-sender/client'
import { ConfigError } from '@whatsapp-sender/service-runtime'
import pc from 'picocolors'
import { loadConfig, type TopConfig, UsageError } from './config.ts'
import { frameOf } from './frame/frame.ts'
import { type Look, lookAgain, RefusedError } from './look.ts'
import { watchKeys } from './terminal/keys.ts'
import { showLive } from './terminal/live.ts'
import { createScreen } from './terminal/screen.ts'

// `npm run top`
const REQUEST_TIMEOUT_MS = 10_000
const COLUMNS_WITHOUT_TERMINAL = 120

process.exitCode = await main().catch((error: unknown) => {
  const isUsage = error instanceof UsageError || error instanceof ConfigError
  if (!isUsage && !(error instanceof RefusedError)) throw error
  process.stderr.write(`${error.message}\n`)
  return isUsage ? 2 : 1
})

async function main(): Promise<number> {
  const isTerminal = process.stdout.isTTY
  const config = loadConfig(process.argv.slice(2), process.env, { readReadyFile, isTerminal })
  const api = createAccountClient({
    ...config,
    fetch: (request) =>
      fetch(request, { signal: AbortSignal.any([request.signal, AbortSignal.timeout(REQUEST_TIMEOUT_MS)]) }),
  })
  const look = (last: Look, signal?: AbortSignal) => lookAgain(api, last, signal)
  if (config.output !== 'live') return showOnce(config, await look({}))
  await live(config, look)
  return 0
}

function showOnce({ baseUrl, output, hasColors }: TopConfig, { overview, trouble }: Look): number {
  if (overview === undefined) {
    process.stderr.write(`${baseUrl}: ${trouble}\n`)
    return 1
  }
  const size = { columns: process.stdout.columns ?? COLUMNS_WITHOUT_TERMINAL, rows: Number.MAX_SAFE_INTEGER }
  const lines =
    output === 'json' ? [JSON.stringify(overview, undefined, 2)] : frame(baseUrl, { overview }, size, hasColors)
  process.stdout.write(`${lines.join('\n')}\n`)
  return 0
}

async function live(
  { baseUrl, everyMs, hasColors }: TopConfig,
  look: (last: Look, signal: AbortSignal) => Promise<Look>,
): Promise<void> {
  const stopping = new AbortController()
  const stop = (): void => stopping.abort()
  const screen = createScreen(process.stdout)
  const releaseKeys = watchKeys(process.stdin, stop)
  // However it ends, the terminal is as it was.
  process.on('exit', () => {
    screen.close()
    releaseKeys()
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop)
  await showLive({
    screen,
    look,
    frame: (known, size) => frame(baseUrl, known, size, hasColors),
    everyMs,
    stop: stopping.signal,
    onResize: (draw) => void process.stdout.on('resize', draw),
  })
  releaseKeys()
}

function frame(url: string, look: Look, size: Parameters<typeof frameOf>[2], hasColors: boolean): readonly string[] {
  return frameOf(url, look, size, pc.createColors(hasColors))
}

function readReadyFile(): string | undefined {
  const file = join(process.env['SANDBOX_DIR'] || '.sandbox', 'ready.json')
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
