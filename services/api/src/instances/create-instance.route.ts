import {
  CheckNumber,
  EvolutionServerName,
  InstanceName,
  Pace,
  RetryPolicy,
  SANDBOX_SERVER,
} from '@whatsapp-sender/contract'
import type { RequestHandler } from 'express'
import { z } from 'zod'
import type { ChooseEvolutionServer } from '../evolution-servers/choose-evolution-server.ts'
import type { Audit } from '../http/audit.ts'
import { type Authenticate, mayOrRefuse } from '../http/authenticate.ts'
import type { Once } from '../http/once.ts'
import { parseBody } from '../http/parse.ts'
import { invalidRequest } from '../http/problem.ts'
import type { PhoneNumberSchema } from '../messages/recipient.ts'
import type { Principal } from '../principal.ts'
import type { AdoptInstance } from './adopt-instance.ts'
import { approvedOwner, type FindUserByEmail } from './approved-owner.ts'
import type { CreateInstance } from './create-instance.ts'
import { createdOrRefuse } from './created-or-refuse.ts'
import { EvolutionKey } from './instance-params.ts'
import { type InstanceDefaults, instanceView } from './instance-view.ts'

const WITH_ADOPT_ONLY = 'goes with "adopt": true only'

/** What an instance is made from. */
export function createInstanceBody(phoneNumber: PhoneNumberSchema) {
  return z
    .strictObject({
      name: InstanceName,
      kind: z.enum(['whatsapp', 'sandbox']).default('whatsapp'),
      number: phoneNumber.optional(),
      adopt: z.boolean().default(false),
      replaceWebhook: z.boolean().default(false),
      evolutionKey: EvolutionKey.optional(),
      ownerEmail: z.email().optional(),
      evolutionServer: EvolutionServerName.optional(),
      pace: Pace.optional(),
      retry: RetryPolicy.optional(),
      checkNumber: CheckNumber.optional(),
    })
    .refine(({ adopt, evolutionKey }) => adopt || evolutionKey === undefined, {
      path: ['evolutionKey'],
      message: WITH_ADOPT_ONLY,
    })
    .refine(({ kind, adopt }) => kind !== 'sandbox' || !adopt, {
      path: ['adopt'],
      message: 'a sandbox instance is made here, and is nowhere else',
    })
    .refine(({ kind, evolutionServer }) => kind !== 'sandbox' || evolutionServer === undefined, {
      path: ['evolutionServer'],
      message: 'a sandbox instance is on none',
    })
}

export function createInstanceRoute(o: {
  authenticate: Authenticate
  audit: Audit
  once: Once
  phoneNumber: PhoneNumberSchema
  createInstance: CreateInstance
  adoptInstance: AdoptInstance
  chooseServer: ChooseEvolutionServer
  findUserByEmail: FindUserByEmail
  defaults: InstanceDefaults
}): RequestHandler {
  const CreateInstanceBody = createInstanceBody(o.phoneNumber)
  return async (req, res) => {
    const principal = await o.authenticate(req, res, 'instances:manage')
    const asked = parseBody(CreateInstanceBody, req)
    const { name, number, adopt, replaceWebhook, evolutionKey, ownerEmail } = asked
    const isSandbox = asked.kind === 'sandbox'
    // Whoever adopts takes over a phone that somebody else has connected.
    if (adopt) mayOrRefuse(principal, 'instances:adopt')
    else if (ownerEmail !== undefined && principal.manager === undefined) {
      throw invalidRequest([{ field: 'ownerEmail', message: WITH_ADOPT_ONLY }])
    }
    await o.once(req, res, principal, async () => {
      const owner = ownerEmail === undefined ? principal : await approvedOwner(o.findUserByEmail, ownerEmail)
      const wanted = {
        owner,
        name,
        evolutionServer: isSandbox ? SANDBOX_SERVER : await o.chooseServer(asked.evolutionServer),
        ...(isSandbox && { channel: 'sandbox' as const }),
        number,
        settings: settingsOf(asked, principal),
      }
      const result = adopt
        ? await o.adoptInstance({ ...wanted, replaceWebhook, token: evolutionKey })
        : await o.createInstance(wanted)
      const instance = createdOrRefuse(result)
      if (adopt) {
        const details = { owner: owner.id }
        await o.audit(req, { by: principal.id, action: 'instance.adopted', target: name, details })
      }
      const headers = { location: `/v1/instances/${name}` }
      return { status: 201, headers, body: instanceView(instance, { defaults: o.defaults }) }
    })
  }
}

type Asked = z.infer<ReturnType<typeof createInstanceBody>>

function settingsOf({ pace, retry, checkNumber }: Asked, { manager }: Principal) {
  return {
    ...(pace && { pace }),
    ...(retry && { retry }),
    ...(checkNumber && { checkNumber }),
    ...(manager && { managedBy: manager }),
  }
}
