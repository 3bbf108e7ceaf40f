import { InstanceName } from '@whatsapp-sender/contract'
import type { RequestHandler } from 'express'
import { z } from 'zod'
import type { Authenticate } from '../http/authenticate.ts'
import { parseBody } from '../http/parse.ts'
import { ProblemError } from '../http/problem.ts'
import { tooManyRequests } from '../http/request-limit.ts'
import { evolutionProblem } from '../instances/evolution-problem.ts'
import { foundOrRefuse } from '../instances/found-or-refuse.ts'
import type { InstanceLookup } from '../instances/instance-lookup.ts'
import type { PhoneNumberSchema } from '../messages/recipient.ts'
import type { CheckNumbers } from './check-numbers.ts'

const NUMBERS_MAX = 50

/** Which numbers are asked for. */
export function checkNumbersBody(phoneNumber: PhoneNumberSchema) {
  return z.strictObject({ instance: InstanceName, numbers: z.array(phoneNumber).min(1).max(NUMBERS_MAX) })
}

export function checkNumbersRoute(o: {
  authenticate: Authenticate
  phoneNumber: PhoneNumberSchema
  instances: InstanceLookup
  checkNumbers: CheckNumbers
}): RequestHandler {
  const Body = checkNumbersBody(o.phoneNumber)
  return async (req, res) => {
    const principal = await o.authenticate(req, res, 'messages:send', 'per-instance')
    const { instance: name, numbers } = parseBody(Body, req)
    const result = await o.checkNumbers(foundOrRefuse(await o.instances.usable(name, principal, 'send')), numbers)
    if (result.kind === 'limited') throw tooManyRequests(result.retryAfterSeconds)
    if (result.kind === 'checked') return void res.json({ instance: name, numbers: result.numbers })
    if (result.failure.kind !== 'instance-down') throw evolutionProblem(result.failure)
    throw new ProblemError('instance-not-connected', 'Only a connected phone can ask WhatsApp.')
  }
}
