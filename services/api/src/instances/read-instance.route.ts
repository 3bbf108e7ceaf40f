import type { Pace } from '@whatsapp-sender/contract'
import type { RequestHandler } from 'express'
import type { Authenticate } from '../http/authenticate.ts'
import type { InstanceLookup } from './instance-lookup.ts'
import { instanceView } from './instance-view.ts'
import type { ReadLiveState } from './live-state.ts'
import { ownedInstanceOf } from './owned-instance.ts'

export function readInstanceRoute(o: {
  authenticate: Authenticate
  instances: InstanceLookup
  readLiveState: ReadLiveState
  defaultPace: Pace
}): RequestHandler {
  return async (req, res) => {
    const principal = await o.authenticate(req, res)
    const instance = await ownedInstanceOf(req, { instances: o.instances, principal })
    const live = await o.readLiveState(instance)
    res.json(instanceView(instance, { defaultPace: o.defaultPace, live }))
  }
}
