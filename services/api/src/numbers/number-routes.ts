import type { RouteTable } from '../http/app.ts'
import { jsonBody } from '../http/json-body.ts'
import { createRequestLimit } from '../http/request-limit.ts'
import type { InstanceLookup } from '../instances/instance-lookup.ts'
import type { PhoneNumberSchema } from '../messages/recipient.ts'
import type { Parts } from '../parts.ts'
import { checkNumbersRoute } from './check-numbers.route.ts'
import { createCheckNumbers } from './check-numbers.ts'

/** Numbers that are asked of WhatsApp, per instance and process. */
const ASKED_PER_MINUTE = 100

/** About numbers, whoever writes to them. */
export function numberRoutes(
  { access, evolution, store }: Parts,
  shared: Readonly<{ phoneNumber: PhoneNumberSchema; instances: InstanceLookup }>,
): RouteTable {
  const body = jsonBody({ bytesMax: 64 * 1024 })
  const limit = createRequestLimit({ points: ASKED_PER_MINUTE, perSeconds: 60 })
  const checkNumbers = createCheckNumbers({ evolution, contacts: store.contacts, take: limit.take })
  const o = { ...shared, authenticate: access.authenticate, checkNumbers }
  return {
    '/v1/numbers/check': { post: [body, checkNumbersRoute(o)] },
  }
}
