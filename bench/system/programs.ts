import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findFreePort } from '@whatsapp-sender/sandbox/process/free-port'
import { nodeEnvironment, nodeFlagsOf } from '@whatsapp-sender/sandbox/process/node-command'
import { startReadyProcess } from '@whatsapp-sender/sandbox/process/ready-process'
import type { RunningProcess } from '@whatsapp-sender/sandbox/process/running-process'
import type { Installation } from './installation.ts'
import type { Role } from './machine.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const READY_TIMEOUT_MS = 60_000
const STOP_TIMEOUT_MS = 100_000

/** Runs one of the project's programs, or a side of a comparison, as production would. */
export function startProgram(
  { machine, directory, profileDir }: Installation,
  o: Readonly<{
    name: string
    role: Role
    /** File below the repository, and its arguments. */
    args: readonly string[]
    /** Of Node.js; default those that the file runs with in production. */
    flags?: readonly string[]
    env: Readonly<Record<string, string>>
    isReady(): Promise<boolean>
  }>,
): Promise<RunningProcess> {
  const profile = profileDir === undefined || o.role === 'load' ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileDir}`]
  const flags = o.flags ?? nodeFlagsOf(o.args[0] ?? '')
  const command = machine.command(o.role, process.execPath, [...flags, ...profile, ...o.args])
  return startReadyProcess({
    name: o.name,
    command: { ...command, env: nodeEnvironment(o.env), cwd: root },
    logFile: join(directory, `${o.name}.log`),
    stopTimeoutMs: STOP_TIMEOUT_MS,
    readyTimeoutMs: READY_TIMEOUT_MS,
    isReady: o.isReady,
  })
}

export function startGateway(
  installation: Installation,
  env: Readonly<Record<string, string>> = {},
): Promise<RunningProcess> {
  return startProgram(installation, {
    name: 'gateway',
    role: 'load',
    args: ['sandbox/evolution/main.ts'],
    env: { ...installation.gatewayEnv, SANDBOX_AUTO_OPEN: 'true', ...env },
    isReady: () => answersOk(`${installation.gatewayUrl}/sandbox/stats`),
  })
}

export type RunningConsumer = RunningProcess & Readonly<{ metricsUrl: string }>

export async function startConsumer(
  installation: Installation,
  env: Readonly<Record<string, string>> = {},
  name = 'consumer',
): Promise<RunningConsumer> {
  const metricsPort = await findFreePort()
  const running = await startProgram(installation, {
    name,
    role: 'system',
    args: ['services/consumer/src/main.ts'],
    env: { ...installation.env, METRICS_PORT: String(metricsPort), ...env },
    isReady: () => answersOk(`http://127.0.0.1:${metricsPort}/readyz`),
  })
  return { ...running, metricsUrl: `http://127.0.0.1:${metricsPort}/metrics` }
}

export type RunningApi = RunningProcess &
  Readonly<{ url: string; metricsUrl: string; admin: Readonly<{ email: string; password: string }> }>

export async function startApi(
  installation: Installation,
  env: Readonly<Record<string, string>> = {},
): Promise<RunningApi> {
  const port = await findFreePort()
  const metricsPort = await findFreePort(undefined, [port])
  const admin = { email: 'admin@example.com', password: randomBytes(12).toString('hex') }
  const running = await startProgram(installation, {
    name: 'api',
    role: 'system',
    args: ['services/api/src/main.ts'],
    env: {
      ...installation.env,
      PORT: String(port),
      METRICS_PORT: String(metricsPort),
      JWT_SECRET: randomBytes(32).toString('hex'),
      ADMIN_EMAIL: admin.email,
      ADMIN_PASSWORD: admin.password,
      ...env,
    },
    isReady: () => answersOk(`http://127.0.0.1:${metricsPort}/readyz`),
  })
  const metricsUrl = `http://127.0.0.1:${metricsPort}/metrics`
  return { ...running, url: `http://127.0.0.1:${port}`, metricsUrl, admin }
}

export async function answersOk(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2000) })
    await response.body?.cancel()
    return response.ok
  } catch {
    return false
  }
}
