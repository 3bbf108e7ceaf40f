import { findFreePort } from '@whatsapp-sender/sandbox/process/free-port'
import { nodeFlags } from '@whatsapp-sender/sandbox/process/node-command'
import type { RunningProcess } from '@whatsapp-sender/sandbox/process/running-process'
import type { Installation } from '../system/installation.ts'
import { answersOk, startProgram } from '../system/programs.ts'

export type Baseline = RunningProcess & Readonly<{ url: string }>

/** The bare Express, on the core and with the flags and the environment that the API has. */
export async function startBaseline(installation: Installation): Promise<Baseline> {
  const port = await findFreePort()
  const url = `http://127.0.0.1:${port}`
  const running = await startProgram(installation, {
    name: 'express-baseline',
    role: 'system',
    args: ['bench/main.ts', 'express-baseline', String(port)],
    flags: nodeFlags.api,
    env: installation.env,
    isReady: () => answersOk(url),
  })
  return { ...running, url }
}
