export { createEvolutionClient, type EvolutionClient } from './client.ts'
export {
  createEvolutionServers,
  type EvolutionServers,
} from './evolution-servers.ts'
export { type Connection, channelOf } from './instance-routes.ts'
export type { KnownMessage } from './send/send-route.ts'
