import { InstanceName, type Pace } from '@whatsapp-sender/contract'
import type { RequestHandler } from 'express'
import { z } from 'zod'
import type { Authenticate } from '../http/authenticate.ts'
import { parseParams } from '../http/parse.ts'
import { foundOrRefuse } from './found-or-refuse.ts'
import type { InstanceLookup } from './instance-lookup.ts'
import { instanceView } from './instance-view.ts'
import type { ReadLiveState } from './live-state.ts'

const Params = z.object({ name: InstanceName })

export function readInstanceRoute(o: {
  authenticate: Authenticate
  instances: InstanceLookup
  readLiveState: ReadLiveState
  defaultPace: Pace
}): RequestHandler {
  return async (req, res) => {
    const principal = await o.authenticate(req, res)
    const { name } = parseParams(Params, req)
    const instance = foundOrRefuse(await o.instances.owned(name, principal.id))
    const live = await o.readLiveState(instance)
    res.json(instanceView(instance, { defaultPace: o.defaultPace, live }))
  }
}
