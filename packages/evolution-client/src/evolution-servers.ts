import { DEFAULT_EVOLUTION_SERVER, SANDBOX_SERVER } from '@whatsapp-sender/contract'
import type { Failed } from './call.ts'
import { failureWithoutAnswer } from './classify.ts'
import type { EvolutionClient } from './client.ts'
import { NO_CONNECTIONS, type PoolState } from './undici-adapter.ts'

/**
 * An Evolution server, as it is reached. `url` has no slash at its end. Without its global key (one that could not be read,
 * for example) it counts as not known.
 */
export type EvolutionServer = Readonly<{ name: string; url: string; apiKey: string | undefined }>

type Reached = EvolutionServer & Readonly<{ apiKey: string }>

/** Where a call goes. Undefined: to the server that the environment tells of. */
type OnServer = Readonly<{ server: string | undefined }>

type Routed<Name extends Exclude<keyof EvolutionClient, 'welcome' | 'connections' | 'close' | 'abandon'>> = (
  o: Parameters<EvolutionClient[Name]>[0] & OnServer,
) => ReturnType<EvolutionClient[Name]>

/**
 * Every Evolution server, each with connections of its own. A call says which it is for; to one that is not known here
 * (yet, or any more) nothing is sent, and the failure is one of the server.
 */
export type EvolutionServers = Readonly<{
  send: Routed<'send'>
  connectionState: Routed<'connectionState'>
  createInstance: Routed<'createInstance'>
  connect: Routed<'connect'>
  restart: Routed<'restart'>
  logout: Routed<'logout'>
  deleteInstance: Routed<'deleteInstance'>
  setWebhook: Routed<'setWebhook'>
  unsetWebhook: Routed<'unsetWebhook'>
  findWebhook: Routed<'findWebhook'>
  fetchInstance: Routed<'fetchInstance'>
  whatsappNumbers: Routed<'whatsappNumbers'>
  findStatus: Routed<'findStatus'>
  welcome(o: OnServer): ReturnType<EvolutionClient['welcome']>
  knows(server: string): boolean
  /** To all servers together. */
  connections(): PoolState
  /**
   * These are all there are, beside the one of the environment and the sandbox. What is on its way to one that is gone, or has moved, is
   * let end.
   */
  use(servers: readonly EvolutionServer[]): void
  /** Lets running requests end. */
  close(): Promise<void>
  /** Breaks them off: what became of their messages is not known. */
  abandon(): Promise<void>
}>

type Known = Readonly<{ server: Reached; client: EvolutionClient }>

/**
 * @param o.ofEnvironment goes by the name `default`
 * @param o.sandbox goes by the name `sandbox`
 */
export function createEvolutionServers(o: {
  ofEnvironment: EvolutionClient
  sandbox: EvolutionClient
  connect(o: Readonly<{ baseUrl: string; globalKey: string }>): EvolutionClient
}): EvolutionServers {
  const known = new Map<string, Known>()
  const clients = new Map([
    [DEFAULT_EVOLUTION_SERVER, o.ofEnvironment],
    [SANDBOX_SERVER, o.sandbox],
  ])
  const retired = new Set<EvolutionClient>()

  const of = ({ server }: OnServer): EvolutionClient =>
    server === undefined ? o.ofEnvironment : (clients.get(server) ?? MISSING)

  const forget = (name: string, { client }: Known): void => {
    known.delete(name)
    clients.delete(name)
    retired.add(client)
    void client.close().finally(() => retired.delete(client))
  }

  const all = (): EvolutionClient[] => [...clients.values(), ...retired]

  return {
    send: (to) => of(to).send(to),
    connectionState: (to) => of(to).connectionState(to),
    createInstance: (to) => of(to).createInstance(to),
    connect: (to) => of(to).connect(to),
    restart: (to) => of(to).restart(to),
    logout: (to) => of(to).logout(to),
    deleteInstance: (to) => of(to).deleteInstance(to),
    setWebhook: (to) => of(to).setWebhook(to),
    unsetWebhook: (to) => of(to).unsetWebhook(to),
    findWebhook: (to) => of(to).findWebhook(to),
    fetchInstance: (to) => of(to).fetchInstance(to),
    whatsappNumbers: (to) => of(to).whatsappNumbers(to),
    findStatus: (to) => of(to).findStatus(to),
    welcome: (to) => of(to).welcome(),
    knows: (server) => clients.has(server),
    connections: () =>
      all()
        .map((client) => client.connections())
        .reduce(sumOf, NO_CONNECTIONS),
    use: (servers) => {
      const wanted = new Map(servers.filter(isReached).map((server) => [server.name, server]))
      for (const [name, each] of known) if (!isSame(each.server, wanted.get(name))) forget(name, each)
      for (const [name, server] of wanted) {
        if (clients.has(name)) continue
        const client = o.connect({ baseUrl: server.url, globalKey: server.apiKey })
        known.set(name, { server, client })
        clients.set(name, client)
      }
    },
    close: async () => void (await Promise.all(all().map((client) => client.close()))),
    abandon: async () => void (await Promise.all(all().map((client) => client.abandon()))),
  }
}

function sumOf(a: PoolState, b: PoolState): PoolState {
  return { open: a.open + b.open, busy: a.busy + b.busy, waiting: a.waiting + b.waiting }
}

function isReached(server: EvolutionServer): server is Reached {
  return server.apiKey !== undefined
}

function isSame(one: EvolutionServer, other: EvolutionServer | undefined): boolean {
  return one.url === other?.url && one.apiKey === other.apiKey
}

const FAILED: Failed = { failure: failureWithoutAnswer('evolution-server-missing') }

async function failed(): Promise<Failed> {
  return FAILED
}

const MISSING: EvolutionClient = {
  send: async () => ({ kind: 'failed', ...FAILED }),
  connectionState: failed,
  createInstance: failed,
  connect: failed,
  restart: failed,
  logout: failed,
  deleteInstance: failed,
  setWebhook: failed,
  unsetWebhook: failed,
  findWebhook: failed,
  fetchInstance: failed,
  whatsappNumbers: failed,
  findStatus: failed,
  welcome: failed,
  connections: () => NO_CONNECTIONS,
  close: async () => {},
  abandon: async () => {},
}
