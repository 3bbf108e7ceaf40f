import type { EvolutionServers } from '@whatsapp-sender/evolution-client'
import type { Store } from '@whatsapp-sender/store'
import type { RouteTable } from '../http/app.ts'
import { jsonBody } from '../http/json-body.ts'
import { changeInstanceRoute } from './change-instance.route.ts'
import { changeManagerRoute } from './change-manager.route.ts'
import { changeOwnerRoute } from './change-owner.route.ts'
import { connectInstanceRoute } from './connect-instance.route.ts'
import { createReadConnectedNumber } from './connected-number.ts'
import { createInstanceRoute } from './create-instance.route.ts'
import { followConnectionRoute } from './follow-connection.route.ts'
import { createFollowConnection } from './follow-connection.ts'
import { listInstancesRoute } from './list-instances.route.ts'
import { listSharesRoute } from './list-shares.route.ts'
import { logOutInstanceRoute } from './log-out-instance.route.ts'
import { readInstanceRoute } from './read-instance.route.ts'
import { removeInstanceRoute } from './remove-instance.route.ts'
import { createRemoveInstance } from './remove-instance.ts'
import { restartInstanceRoute } from './restart-instance.route.ts'
import { createRestartInstance } from './restart-instance.ts'
import { shareInstanceRoute } from './share-instance.route.ts'
import { createFindSharedUser, type FindUser } from './shared-user.ts'
import { createSharesOf } from './shares-of.route.ts'
import { unshareInstanceRoute } from './unshare-instance.route.ts'

type Needs = Parameters<typeof createInstanceRoute>[0] &
  Parameters<typeof listInstancesRoute>[0] &
  Omit<Parameters<typeof readInstanceRoute>[0], 'readConnectedNumber'> &
  Parameters<typeof changeInstanceRoute>[0] &
  Parameters<typeof connectInstanceRoute>[0] &
  Omit<Parameters<typeof followConnectionRoute>[0], 'followConnection'> &
  Omit<Parameters<typeof changeOwnerRoute>[0], 'findInstance' | 'setOwner'> &
  Readonly<{
    parts: Parameters<typeof createRemoveInstance>[0] & Parts
    findUserByEmail: FindUser
    findUserById: FindUser
  }>

type Parts = Readonly<{
  evolution: EvolutionServers
  instances: Pick<
    Store['instances'],
    'requestCheck' | 'findByName' | 'setConnectedNumber' | 'setOwner' | 'setManager' | 'share' | 'unshare'
  >
}>

/** Everything about instances. */
export function instanceRoutes({ parts, ...needs }: Needs): RouteTable {
  const body = jsonBody({ bytesMax: 64 * 1024 })
  const o = {
    ...needs,
    evolution: parts.evolution,
    requestCheck: parts.instances.requestCheck,
    findInstance: parts.instances.findByName,
    setOwner: parts.instances.setOwner,
    setManager: parts.instances.setManager,
    share: parts.instances.share,
    unshare: parts.instances.unshare,
    sharesOf: createSharesOf({ ...needs, findInstance: parts.instances.findByName }),
    findSharedUser: createFindSharedUser(needs),
    readConnectedNumber: createReadConnectedNumber(parts),
    followConnection: createFollowConnection(needs),
    restartInstance: createRestartInstance(parts),
    removeInstance: createRemoveInstance(parts),
  }
  const [read, change, remove] = [readInstanceRoute(o), changeInstanceRoute(o), removeInstanceRoute(o)]
  return {
    '/v1/instances': { get: [listInstancesRoute(o)], post: [body, createInstanceRoute(o)] },
    '/v1/instances/:name': { get: [read], patch: [body, change], delete: [remove] },
    '/v1/instances/:name/connect': { post: [connectInstanceRoute(o)] },
    '/v1/instances/:name/connect/events': { get: [followConnectionRoute(o)] },
    '/v1/instances/:name/shares': { get: [listSharesRoute(o)] },
    '/v1/instances/:name/shares/:user': { put: [body, shareInstanceRoute(o)], delete: [unshareInstanceRoute(o)] },
    '/v1/instances/:name/owner': { post: [body, changeOwnerRoute(o)] },
    '/v1/instances/:name/manager': { put: [body, changeManagerRoute(o)] },
    '/v1/instances/:name/restart': { post: [restartInstanceRoute(o)] },
    '/v1/instances/:name/logout': { post: [logOutInstanceRoute(o)] },
  }
}
