import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crds } from '@whatsapp-sender/infra'
import { findFreePort } from '@whatsapp-sender/sandbox/process/free-port'
import type { RunningProcess } from '@whatsapp-sender/sandbox/process/running-process'
import { type ControlPlane, startControlPlane } from '../../support/kubernetes.ts'
import { startProgram } from '../../support/processes.ts'
import { type System, type SystemOptions, startSystem } from '../../support/system.ts'

/** The whole product, and an operator that looks after it in a namespace of a real API server. */
export type OperatedSystem = Readonly<{
  plane: ControlPlane
  namespace: string
  system: System
  operator(): RunningProcess
  /** Another process in place of the one that runs, or ran, with other settings where they are given. */
  restartOperator(env?: Readonly<Record<string, string>>): Promise<void>
  metricsUrl: string
  stop(): Promise<void>
}>

/** The name of its WhatsAppSender. */
export const SENDER = 'wa'
const API_VERSION = 'whatsappsender.io/v1alpha1'
const SPEC = {
  kafka: { mode: 'external', external: { bootstrapServers: ['kafka:9092'] } },
  mongodb: { mode: 'external', external: { uriSecretRef: { name: 'mongo' } } },
  evolution: { mode: 'sandbox' },
}

/**
 * The pods that the operator asks for never run, since there is no node: API, consumer and Evolution API are processes
 * here, and the operator is told where the API is.
 */
export async function startOperatedSystem(
  o: Readonly<{
    gatewayEnv?: Readonly<Record<string, string>>
    operatorEnv?: Readonly<Record<string, string>>
    /** Whatever else the system is to be like. */
    system?: Omit<SystemOptions, 'gatewayEnv'>
  }> = {},
): Promise<OperatedSystem> {
  const token = randomBytes(32).toString('base64url')
  const plane = await startControlPlane()
  await plane.define(crds())
  const namespace = await plane.createNamespace()
  const system = await startSystem({
    ...o.system,
    apiEnv: { OPERATOR_TOKEN: token, ...o.system?.apiEnv },
    gatewayEnv: { SANDBOX_AUTO_OPEN: 'false', ...o.gatewayEnv },
  })
  const keys = { JWT_SECRET: 'x', SECRET_KEY: 'x', ADMIN_PASSWORD: 'x', OPERATOR_TOKEN: token }
  await plane.apply([
    secret(namespace, 'mongo', { 'connectionString.standard': 'mongodb://mongo' }),
    secret(namespace, `${SENDER}-keys`, keys),
    { apiVersion: API_VERSION, kind: 'WhatsAppSender', metadata: { name: SENDER, namespace }, spec: SPEC },
  ])
  const logDir = process.env['TEST_LOG_DIR'] ?? (await mkdtemp(join(tmpdir(), 'whatsapp-sender-operator-')))
  const metricsPort = await findFreePort()
  const metricsUrl = `http://127.0.0.1:${metricsPort}`
  const startOperator = (more: Readonly<Record<string, string>> = {}) =>
    startProgram({
      name: `operator-${namespace}`,
      main: 'services/operator/src/main.ts',
      readyUrl: `${metricsUrl}/readyz`,
      logDir,
      env: {
        ...plane.env,
        WATCH_NAMESPACE: namespace,
        METRICS_PORT: String(metricsPort),
        LEADER_ELECTION: 'false',
        RESYNC_SECONDS: '10',
        API_URL: system.apiUrl,
        ...o.operatorEnv,
        ...more,
      },
    })
  let operator = await startOperator()
  return {
    plane,
    namespace,
    system,
    operator: () => operator,
    restartOperator: async (env) => {
      await operator.stop()
      operator = await startOperator(env)
    },
    metricsUrl,
    stop: async () => {
      await Promise.all([operator.stop(), system.stop()])
      if (process.env['TEST_LOG_DIR'] === undefined) await rm(logDir, { recursive: true })
    },
  }
}

export function secret(namespace: string, name: string, stringData: Readonly<Record<string, string>>) {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, stringData: { ...stringData } }
}
