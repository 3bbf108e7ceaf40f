export { createEvolutionClient, type EvolutionClient } from './client.ts'
export {
  createEvolutionServers,
  type EvolutionServers,
} from './evolution-servers.ts'
export { type Connection, channelOf } from './instance-routes.ts'
export { createSandboxGateway } from './sandbox/sandbox-gateway.ts'
export type { SandboxReceipt } from './sandbox/sandbox-receipts.ts'
export type { FileToSend, KnownMessage } from './send/send-route.ts'
