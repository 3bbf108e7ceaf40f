import { InstanceName, type Pace } from '@whatsapp-sender/contract'
import type { User } from '@whatsapp-sender/store'
import type { RequestHandler } from 'express'
import { z } from 'zod'
import { type Authenticate, requireAdmin } from '../http/authenticate.ts'
import { parseBody } from '../http/parse.ts'
import { ProblemError } from '../http/problem.ts'
import type { RecipientSchema } from '../messages/recipient.ts'
import type { Principal } from '../principal.ts'
import type { AdoptInstance } from './adopt-instance.ts'
import type { CreateInstance } from './create-instance.ts'
import { createdOrRefuse } from './created-or-refuse.ts'
import { instanceView } from './instance-view.ts'

export function createInstanceRoute(o: {
  authenticate: Authenticate
  phoneNumber: RecipientSchema
  createInstance: CreateInstance
  adoptInstance: AdoptInstance
  findUserByEmail(email: string): Promise<Pick<User, 'id' | 'status'> | undefined>
  defaultPace: Pace
}): RequestHandler {
  const CreateInstanceBody = z
    .strictObject({
      name: InstanceName,
      number: o.phoneNumber.optional(),
      adopt: z.boolean().default(false),
      replaceWebhook: z.boolean().default(false),
      ownerEmail: z.email().optional(),
    })
    .refine(({ adopt, ownerEmail }) => adopt || ownerEmail === undefined, {
      path: ['ownerEmail'],
      message: 'goes with "adopt": true only',
    })
  return async (req, res) => {
    const principal = await o.authenticate(req, res)
    const { name, number, adopt, replaceWebhook, ownerEmail } = parseBody(CreateInstanceBody, req)
    // Whoever adopts takes over a phone that somebody else has connected.
    if (adopt) requireAdmin(principal)
    const owner = await ownerOf(principal, ownerEmail)
    const result = adopt
      ? await o.adoptInstance({ owner, name, number, replaceWebhook })
      : await o.createInstance({ owner, name, number })
    const instance = createdOrRefuse(result)
    res.status(201).location(`/v1/instances/${name}`).json(instanceView(instance, o))
  }

  async function ownerOf(principal: Principal, email: string | undefined): Promise<Readonly<{ id: string }>> {
    if (email === undefined) return principal
    const found = await o.findUserByEmail(email)
    if (found?.status === 'approved') return found
    const message = 'must be the e-mail of an approved account'
    throw new ProblemError('invalid-request', `ownerEmail: ${message}`, { errors: [{ field: 'ownerEmail', message }] })
  }
}
