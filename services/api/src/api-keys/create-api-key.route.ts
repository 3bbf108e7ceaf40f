import { InstanceName, SCOPES } from '@whatsapp-sender/contract'
import type { RequestHandler } from 'express'
import { z } from 'zod'
import type { Audit } from '../http/audit.ts'
import type { Authenticate } from '../http/authenticate.ts'
import type { Once } from '../http/once.ts'
import { parseBody } from '../http/parse.ts'
import { ProblemError } from '../http/problem.ts'
import { Moment } from '../messages/moment.ts'
import type { Principal } from '../principal.ts'
import { PlainLine } from '../users/plain-line.ts'
import { apiKeyView } from './api-key-view.ts'
import type { CreateApiKey } from './create-api-key.ts'

export const CreateApiKeyBody = z.strictObject({
  name: PlainLine.max(100),
  scopes: z.array(z.enum(SCOPES)).min(1).max(SCOPES.length).transform(unique),
  instances: z.array(InstanceName).min(1).max(100).transform(unique).optional(),
  expiresAt: Moment.refine((at) => at.getTime() > Date.now(), 'must be ahead').optional(),
})

export function createApiKeyRoute(o: {
  authenticate: Authenticate
  audit: Audit
  once: Once
  createApiKey: CreateApiKey
}): RequestHandler {
  return async (req, res) => {
    const owner = await o.authenticate(req, res, 'account')
    const wanted = parseBody(CreateApiKeyBody, req)
    await o.once(req, res, owner, async () => {
      const result = await o.createApiKey(owner, wanted)
      if (result.kind !== 'created') throw refused(owner, result)
      const { id, scopes, instances = [] } = result.row
      await o.audit(req, { by: owner.id, action: 'api-key.created', target: id, details: { scopes, instances } })
      const headers = { 'Cache-Control': 'no-store' }
      return { status: 201, headers, body: { ...apiKeyView(result.row), key: result.key } }
    })
  }
}

type Refusal = Exclude<Awaited<ReturnType<CreateApiKey>>, { kind: 'created' }>

function refused({ role }: Pick<Principal, 'role'>, result: Refusal): ProblemError {
  if (result.kind === 'too-many') {
    return new ProblemError('too-many-api-keys', `A user has ${result.max} API keys at most.`)
  }
  const message = `the role ${role} may not do ${result.scopes.join(', ')}`
  return new ProblemError('invalid-request', `scopes: ${message}`, { errors: [{ field: 'scopes', message }] })
}

function unique<T>(values: readonly T[]): T[] {
  return [...new Set(values)]
}
