import { DEFAULT_EVOLUTION_SERVER } from '@whatsapp-sender/contract'
import type { EvolutionServerList } from '@whatsapp-sender/store'
import { ProblemError } from '../http/problem.ts'

/** Never with its key. */
export type EvolutionServerView = Readonly<{
  name: string
  url: string
  isDefault: boolean
  /** `environment`: set by `EVOLUTION_API_URL`, and not to be changed here. */
  source: 'environment' | 'api'
  /** Its key was sealed with another `SECRET_KEY`: nothing is sent to it until it has a new one. */
  keyUnreadable?: true
  createdAt?: Date
  updatedAt?: Date
}>

/** The one of the environment first, the others by name. */
export function evolutionServersView({ servers, chosen }: EvolutionServerList, baseUrl: string): EvolutionServerView[] {
  const name = DEFAULT_EVOLUTION_SERVER
  return [
    { name, url: baseUrl, isDefault: chosen === name, source: 'environment' },
    ...servers.map(
      ({ apiKey, ...server }): EvolutionServerView => ({
        ...server,
        isDefault: chosen === server.name,
        source: 'api',
        ...(apiKey === undefined && { keyUnreadable: true }),
      }),
    ),
  ]
}

/** @throws {ProblemError} 404 */
export function serverOrRefuse(servers: readonly EvolutionServerView[], name: string): EvolutionServerView {
  const found = servers.find((server) => server.name === name)
  if (found === undefined) throw missingServer()
  return found
}

export function missingServer(): ProblemError {
  return new ProblemError('evolution-server-not-found', 'There is no such Evolution server.')
}
