import { InstanceName } from '@whatsapp-sender/contract'
import type { Instance } from '@whatsapp-sender/store'
import type { Request } from 'express'
import { z } from 'zod'
import { parseParams } from '../http/parse.ts'
import { ProblemError } from '../http/problem.ts'
import type { Principal } from '../principal.ts'
import type { InstanceLookup } from './instance-lookup.ts'

const Params = z.object({ name: InstanceName })

/**
 * The instance that the path names.
 * @throws {ProblemError} the same 404 whether it is another user's or nobody's
 */
export async function ownedInstanceOf(
  req: Request,
  o: { instances: Pick<InstanceLookup, 'owned'>; principal: Principal },
): Promise<Instance> {
  const { name } = parseParams(Params, req)
  const instance = await o.instances.owned(name, o.principal.id)
  if (instance === 'missing') throw new ProblemError('instance-not-found', 'There is no such instance.')
  if (instance === 'unknown') {
    throw new ProblemError('unavailable', 'The instance cannot be looked up now.', { retryAfterSeconds: 5 })
  }
  return instance
}
