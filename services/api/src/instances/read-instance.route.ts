import { evolutionKeyDigest } from '@whatsapp-sender/contract'
import type { Instance } from '@whatsapp-sender/store'
import type { RequestHandler } from 'express'
import type { Authenticate } from '../http/authenticate.ts'
import { parseParams } from '../http/parse.ts'
import type { KnownUsers } from '../users/known-users.ts'
import type { ReadConnectedNumber } from './connected-number.ts'
import { foundOrRefuse } from './found-or-refuse.ts'
import type { ReadConditions } from './instance-conditions.ts'
import type { InstanceLookup } from './instance-lookup.ts'
import { InstanceParams } from './instance-params.ts'
import { type InstanceDefaults, instanceView } from './instance-view.ts'
import type { LiveState, ReadLiveState } from './live-state.ts'

export function readInstanceRoute(o: {
  authenticate: Authenticate
  instances: InstanceLookup
  readLiveState: ReadLiveState
  readConnectedNumber: ReadConnectedNumber
  readConditions: ReadConditions
  knownUsers: Pick<KnownUsers, 'byId'>
  defaults: InstanceDefaults
}): RequestHandler {
  return async (req, res) => {
    const principal = await o.authenticate(req, res, 'instances:read', 'per-instance')
    const { name } = parseParams(InstanceParams, req)
    const instance = foundOrRefuse(await o.instances.usable(name, principal, 'view'))
    const [live, conditions] = await Promise.all([o.readLiveState(instance), o.readConditions([instance.id])])
    const view = instanceView(instance, { defaults: o.defaults, viewer: principal.id, live, conditions })
    res.json(principal.manager === undefined ? view : { ...view, ...(await toldToManager(instance, live)) })
  }

  /** What it compares with what is declared. */
  async function toldToManager(instance: Instance, live: LiveState) {
    const { name, owner, pace, retry, evolutionToken } = instance
    const [user, connectedNumber] = await Promise.all([o.knownUsers.byId(owner), o.readConnectedNumber(instance, live)])
    const digest = evolutionKeyDigest(name, evolutionToken)
    const ownSettings = { pace: pace ?? null, retry: retry ?? null, evolutionKeyDigest: digest }
    return {
      ownSettings,
      ...(connectedNumber !== undefined && { connectedNumber }),
      ...(typeof user !== 'string' && { ownerEmail: user.email }),
    }
  }
}
