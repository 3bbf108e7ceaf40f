import {
  createEvolutionClient,
  createEvolutionServers,
  createSandboxGateway,
  type SandboxReceipt,
} from '@whatsapp-sender/evolution-client'
import { createEvolutionServerDirectory, type Store } from '@whatsapp-sender/store'
import type { ConsumerConfig } from './config.ts'

/** Sends may hold all of theirs for a minute, and whether Evolution is there has to be found out meanwhile. */
const CONNECTIONS_FOR_LOOKS = 8

/** An Evolution server that was changed is known so many milliseconds later. */
const SERVERS_READ_EVERY_MS = 5000

/**
 * All Evolution servers: the one of the environment, and those that administrators have added. `knowServer` reads them now
 * if one is not among them.
 */
export function createEvolution({
  config,
  store,
  onSandboxReceipts,
  onError,
}: Readonly<{
  config: Pick<ConsumerConfig, 'evolution' | 'maxInFlight'>
  store: Pick<Store, 'evolutionServers'>
  /** What became of messages of sandbox instances. */
  onSandboxReceipts(receipts: readonly SandboxReceipt[]): void
  onError(error: unknown): void
}>) {
  const { timeoutMs } = config.evolution
  const connections = config.maxInFlight + CONNECTIONS_FOR_LOOKS
  const evolution = createEvolutionServers({
    ofEnvironment: createEvolutionClient({ ...config.evolution, connections }),
    sandbox: createSandboxGateway({ onReceipts: onSandboxReceipts }),
    connect: (server) => createEvolutionClient({ ...server, timeoutMs, connections }),
  })
  const evolutionServers = createEvolutionServerDirectory({
    servers: store.evolutionServers,
    refreshMs: SERVERS_READ_EVERY_MS,
    onRead: ({ servers }) => evolution.use(servers),
    onError,
  })
  const knowServer = (name: string | undefined): void => {
    if (name !== undefined && !evolution.knows(name)) evolutionServers.refresh().catch(onError)
  }
  return { evolution, evolutionServers, knowServer }
}
