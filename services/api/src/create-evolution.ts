import { createEvolutionClient, createEvolutionServers, createSandboxGateway } from '@whatsapp-sender/evolution-client'
import { createEvolutionServerDirectory, type Store } from '@whatsapp-sender/store'
import type { Config } from './config.ts'

/** Creating and connecting instances is rare. */
const CONNECTIONS = 16

const SERVERS_READ_EVERY_MS = 5000

/** All Evolution servers: the one of the environment, and those that administrators have added. */
export function createEvolution({
  config,
  store,
  onError,
}: Readonly<{
  config: Pick<Config, 'evolution'>
  store: Pick<Store, 'evolutionServers'>
  onError(error: unknown): void
}>) {
  const evolution = createEvolutionServers({
    ofEnvironment: createEvolutionClient({ ...config.evolution, connections: CONNECTIONS }),
    sandbox: createSandboxGateway({}),
    connect: (server) => createEvolutionClient({ ...server, connections: CONNECTIONS }),
  })
  const evolutionServers = createEvolutionServerDirectory({
    servers: store.evolutionServers,
    refreshMs: SERVERS_READ_EVERY_MS,
    onRead: ({ servers }) => evolution.use(servers),
    onError,
  })
  return { evolution, evolutionServers }
}
