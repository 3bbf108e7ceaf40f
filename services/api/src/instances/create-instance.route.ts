import { InstanceName, type Pace } from '@whatsapp-sender/contract'
import type { RequestHandler } from 'express'
import { z } from 'zod'
import { type Authenticate, requireAdmin } from '../http/authenticate.ts'
import { parseBody } from '../http/parse.ts'
import type { RecipientSchema } from '../messages/recipient.ts'
import type { AdoptInstance } from './adopt-instance.ts'
import type { CreateInstance } from './create-instance.ts'
import { createdOrRefuse } from './created-or-refuse.ts'
import { instanceView } from './instance-view.ts'

export function createInstanceRoute(o: {
  authenticate: Authenticate
  phoneNumber: RecipientSchema
  createInstance: CreateInstance
  adoptInstance: AdoptInstance
  defaultPace: Pace
}): RequestHandler {
  const CreateInstanceBody = z.strictObject({
    name: InstanceName,
    number: o.phoneNumber.optional(),
    adopt: z.boolean().default(false),
    replaceWebhook: z.boolean().default(false),
  })
  return async (req, res) => {
    const owner = await o.authenticate(req, res)
    const { name, number, adopt, replaceWebhook } = parseBody(CreateInstanceBody, req)
    // Whoever adopts takes over a phone that somebody else has connected.
    if (adopt) requireAdmin(owner)
    const result = adopt
      ? await o.adoptInstance({ owner, name, number, replaceWebhook })
      : await o.createInstance({ owner, name, number })
    const instance = createdOrRefuse(result)
    res.status(201).location(`/v1/instances/${name}`).json(instanceView(instance, o))
  }
}
