export { createEvolutionClient, type EvolutionClient } from './client.ts'
export type { Connection } from './instance-routes.ts'
