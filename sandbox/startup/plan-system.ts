import { mkdir } from 'node:fs/promises'
import { keepPorts, readKeptPorts } from '../embedded/kept-ports.ts'
import { mergeEnvironments, readEnvironment } from './environment.ts'
import { givenAddresses } from './given-addresses.ts'
import { listenPort } from './listen-port.ts'
import { locations } from './locations.ts'
import { readOrMakeSecrets } from './secrets.ts'
import type { SystemPlan } from './service-environments.ts'
import { StartError } from './start-error.ts'

/**
 * Decides everything that can be decided before the first process runs.
 * @throws {StartError} when the environment asks for what cannot be
 */
export async function planSystem(
  processEnv: NodeJS.ProcessEnv,
  { isObserved }: Readonly<{ isObserved: boolean }>,
): Promise<SystemPlan> {
  const userEnv = await readEnvironment(locations.environmentFile, processEnv)
  const given = givenAddresses(userEnv)
  if (given.evolution !== undefined && userEnv['AUTHENTICATION_API_KEY'] === undefined) {
    throw new StartError(
      `AUTHENTICATION_API_KEY is required: the global key of the Evolution API at ${given.evolution}.`,
    )
  }
  const env = mergeEnvironments(userEnv, await readOrMakeSecrets(locations.secretsFile))
  const host = env['HOST'] ?? '127.0.0.1'
  return { env, given, host, ports: await choosePorts(env, host, isObserved) }
}

async function choosePorts(env: NodeJS.ProcessEnv, host: string, isObserved: boolean): Promise<SystemPlan['ports']> {
  await mkdir(locations.services, { recursive: true })
  const kept = await readKeptPorts(locations.services)
  const except: number[] = []
  const choose = async (name: keyof SystemPlan['ports'], variable: string | undefined, fallback: number) => {
    const wanted = variable === undefined ? {} : env
    const port = await listenPort({ variable: variable ?? '', env: wanted, host, kept: kept[name], fallback, except })
    except.push(port)
    return port
  }
  const api = await choose('api', 'PORT', 8000)
  const apiMetrics = await choose('apiMetrics', 'METRICS_PORT', 9464)
  const consumerMetrics = await choose('consumerMetrics', undefined, apiMetrics + 1)
  const canaryMetrics = await choose('canaryMetrics', undefined, apiMetrics + 2)
  const evolution = await choose('evolution', 'SANDBOX_PORT', 8080)
  const prometheus = await choose('prometheus', isObserved ? 'PROMETHEUS_PORT' : undefined, 9090)
  const ports = { api, apiMetrics, consumerMetrics, canaryMetrics, evolution, prometheus }
  await keepPorts(locations.services, ports)
  return ports
}
