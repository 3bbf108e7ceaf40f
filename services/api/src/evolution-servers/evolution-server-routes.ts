import type { RouteTable } from '../http/app.ts'
import { jsonBody } from '../http/json-body.ts'
import type { Parts } from '../parts.ts'
import { changeEvolutionServerRoute } from './change-evolution-server.route.ts'
import { checkEvolutionServerRoute } from './check-evolution-server.route.ts'
import { createEvolutionServerRoute } from './create-evolution-server.route.ts'
import { evolutionServersView } from './evolution-server-view.ts'
import { listEvolutionServersRoute } from './list-evolution-servers.route.ts'
import { readEvolutionServerRoute } from './read-evolution-server.route.ts'
import { removeEvolutionServerRoute } from './remove-evolution-server.route.ts'

/** For administrators: the Evolution servers that instances can be made on. */
export function evolutionServerRoutes({
  access,
  audit,
  config,
  once,
  store,
  evolution,
  evolutionServers,
}: Parts): RouteTable {
  const body = jsonBody({ bytesMax: 64 * 1024 })
  const o = {
    authenticate: access.authenticate,
    audit,
    once,
    evolution,
    servers: store.evolutionServers,
    countInstances: store.instances.countAt,
    readServers: async () => evolutionServersView(await store.evolutionServers.list(), config.evolution.baseUrl),
    refresh: evolutionServers.refresh,
  }
  const [read, change, remove] = [
    readEvolutionServerRoute(o),
    changeEvolutionServerRoute(o),
    removeEvolutionServerRoute(o),
  ]
  return {
    '/v1/admin/evolution-servers': { get: [listEvolutionServersRoute(o)], post: [body, createEvolutionServerRoute(o)] },
    '/v1/admin/evolution-servers/:name': { get: [read], patch: [body, change], delete: [remove] },
    '/v1/admin/evolution-servers/:name/check': { post: [checkEvolutionServerRoute(o)] },
  }
}
