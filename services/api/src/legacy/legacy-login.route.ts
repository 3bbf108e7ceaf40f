import { InstanceName } from '@whatsapp-sender/contract'
import type { RequestHandler } from 'express'
import { z } from 'zod'
import type { ChooseEvolutionServer } from '../evolution-servers/choose-evolution-server.ts'
import type { Authenticate } from '../http/authenticate.ts'
import { parseBody } from '../http/parse.ts'
import type { ConnectInstance } from '../instances/connect-instance.ts'
import type { CreateInstance } from '../instances/create-instance.ts'
import { createdOrRefuse } from '../instances/created-or-refuse.ts'
import { evolutionProblem } from '../instances/evolution-problem.ts'
import { foundOrRefuse } from '../instances/found-or-refuse.ts'
import type { InstanceLookup } from '../instances/instance-lookup.ts'
import type { PhoneNumberSchema } from '../messages/recipient.ts'

/** The older system's names of an instance and its number. */
export function legacyLoginBody(phoneNumber: PhoneNumberSchema) {
  return z.object({ phone_number: phoneNumber, instance_name: InstanceName })
}

/** `POST /whatsappsender/login`: the instance, made if the caller has none of that name, and its QR code. */
export function legacyLoginRoute(o: {
  authenticate: Authenticate
  phoneNumber: PhoneNumberSchema
  instances: InstanceLookup
  chooseServer: ChooseEvolutionServer
  createInstance: CreateInstance
  connectInstance: ConnectInstance
}): RequestHandler {
  const Body = legacyLoginBody(o.phoneNumber)
  const create = async (wanted: Omit<Parameters<CreateInstance>[0], 'evolutionServer'>) =>
    createdOrRefuse(await o.createInstance({ ...wanted, evolutionServer: await o.chooseServer(undefined) }))
  return async (req, res) => {
    const owner = await o.authenticate(req, res, 'instances:manage')
    const { phone_number: number, instance_name: name } = parseBody(Body, req)
    const known = await o.instances.owned(name, owner)
    const instance = known === 'missing' ? await create({ owner, name, number }) : foundOrRefuse(known)
    const connection = await o.connectInstance(instance)
    if ('failure' in connection) throw evolutionProblem(connection.failure)
    const message = connection.state === 'open' ? 'Already connected.' : 'Scan the QR code with WhatsApp.'
    res.set('Cache-Control', 'no-store').json({ instance: name, ...connection, message })
  }
}
