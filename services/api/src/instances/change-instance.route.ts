import { CheckNumber, Pace, RetryPolicy } from '@whatsapp-sender/contract'
import type { InstanceSettings } from '@whatsapp-sender/store'
import type { RequestHandler } from 'express'
import { z } from 'zod'
import type { Audit } from '../http/audit.ts'
import { type Authenticate, mayOrRefuse } from '../http/authenticate.ts'
import { parseBody, parseParams } from '../http/parse.ts'
import type { PhoneNumberSchema } from '../messages/recipient.ts'
import { foundOrRefuse } from './found-or-refuse.ts'
import type { ReadConditions } from './instance-conditions.ts'
import type { InstanceLookup } from './instance-lookup.ts'
import { EvolutionKey, InstanceParams } from './instance-params.ts'
import { type InstanceDefaults, instanceView } from './instance-view.ts'
import { refuseManaged } from './refuse-managed.ts'

/** `null` goes back to the default of the installation, or leaves it without a number; what is not named stays. */
export function changeInstanceBody(phoneNumber: PhoneNumberSchema) {
  return z
    .strictObject({
      number: phoneNumber.nullable().optional(),
      pace: Pace.nullable().optional(),
      retry: RetryPolicy.nullable().optional(),
      checkNumber: CheckNumber.optional(),
      paused: z.boolean().optional(),
      evolutionKey: EvolutionKey.optional(),
    })
    .refine(
      (body) => Object.keys(body).length > 0,
      'must name "number", "pace", "retry", "checkNumber", "paused" or "evolutionKey"',
    )
}

export function changeInstanceRoute(o: {
  authenticate: Authenticate
  audit: Audit
  phoneNumber: PhoneNumberSchema
  instances: InstanceLookup
  configureInstance(id: string, settings: InstanceSettings): Promise<void>
  setEvolutionToken(id: string, token: string): Promise<void>
  refreshDirectory(): Promise<void>
  readConditions: ReadConditions
  defaults: InstanceDefaults
}): RequestHandler {
  const ChangeInstanceBody = changeInstanceBody(o.phoneNumber)
  return async (req, res) => {
    const principal = await o.authenticate(req, res, 'instances:manage', 'per-instance')
    const { name } = parseParams(InstanceParams, req)
    const body = parseBody(ChangeInstanceBody, req)
    const { evolutionKey } = body
    if (evolutionKey !== undefined) mayOrRefuse(principal, 'instances:adopt')
    const before = foundOrRefuse(await o.instances.usable(name, principal, 'manage'))
    refuseManaged(before, principal)
    const { id } = before
    const newKey = evolutionKey === before.evolutionToken ? undefined : evolutionKey
    if (newKey !== undefined) await o.setEvolutionToken(id, newKey)
    const settings = settingsOf(body)
    if (Object.keys(settings).length > 0) await o.configureInstance(id, settings)
    const fields = [...Object.keys(settings), ...(newKey === undefined ? [] : ['evolutionKey'])]
    if (fields.length > 0) {
      await o.audit(req, { by: principal.id, action: 'instance.changed', target: name, details: { fields } })
    }
    await o.refreshDirectory()
    const instance = foundOrRefuse(await o.instances.usable(name, principal, 'manage'))
    const conditions = await o.readConditions([id])
    res.json(instanceView(instance, { defaults: o.defaults, viewer: principal.id, conditions }))
  }
}

type Change = z.infer<ReturnType<typeof changeInstanceBody>>

function settingsOf({ number, pace, retry, checkNumber, paused }: Change): InstanceSettings {
  return {
    ...(number !== undefined && { number: number ?? undefined }),
    ...(pace !== undefined && { pace: pace ?? undefined }),
    ...(retry !== undefined && { retry: retry ?? undefined }),
    ...(checkNumber !== undefined && { checkNumber }),
    ...(paused !== undefined && { paused }),
  }
}
