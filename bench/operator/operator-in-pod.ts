import { createLogger, runUntilSignal } from '@whatsapp-sender/service-runtime'
import { loadConfig } from '../../services/operator/src/config.ts'
import { podCredentials } from '../../services/operator/src/kubernetes/credentials.ts'
import { createService } from '../../services/operator/src/service.ts'
import type { Options } from '../options.ts'

/**
 * The operator with the ServiceAccount of a pod, whose files are in a directory of the bench: what reads a kubeconfig takes
 * half as much memory again, and no pod has it.
 */
export async function runOperatorInPod({ env }: Options, [directory = '']: readonly string[]): Promise<undefined> {
  const [host, port] = [env['KUBERNETES_SERVICE_HOST'], env['KUBERNETES_SERVICE_PORT']]
  if (host === undefined || port === undefined) throw new Error('where the API server is has to be said')
  const config = loadConfig(env)
  const logger = createLogger({ service: 'operator', level: config.runtime.logLevel })
  const service = createService(config, { logger, readCredentials: podCredentials({ host, port, directory }) })
  await runUntilSignal(service, logger)
}
