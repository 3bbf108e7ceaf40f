import { InstanceName } from '@whatsapp-sender/contract'
import type { RequestHandler } from 'express'
import { z } from 'zod'
import type { Authenticate } from '../http/authenticate.ts'
import { parseParams } from '../http/parse.ts'
import { foundOrRefuse } from './found-or-refuse.ts'
import type { ReadConditions } from './instance-conditions.ts'
import type { InstanceLookup } from './instance-lookup.ts'
import { type InstanceDefaults, instanceView } from './instance-view.ts'
import type { ReadLiveState } from './live-state.ts'

const Params = z.object({ name: InstanceName })

export function readInstanceRoute(o: {
  authenticate: Authenticate
  instances: InstanceLookup
  readLiveState: ReadLiveState
  readConditions: ReadConditions
  defaults: InstanceDefaults
}): RequestHandler {
  return async (req, res) => {
    const principal = await o.authenticate(req, res)
    const { name } = parseParams(Params, req)
    const instance = foundOrRefuse(await o.instances.owned(name, principal.id))
    const [live, conditions] = await Promise.all([o.readLiveState(instance), o.readConditions([instance.id])])
    res.json(instanceView(instance, { defaults: o.defaults, live, conditions }))
  }
}
