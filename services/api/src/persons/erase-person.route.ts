import type { PersonErasures } from '@whatsapp-sender/store'
import type { Request, RequestHandler, Response } from 'express'
import { z } from 'zod'
import type { Audit } from '../http/audit.ts'
import type { Authenticate } from '../http/authenticate.ts'
import type { Once } from '../http/once.ts'
import { parseBody } from '../http/parse.ts'
import type { RecipientSchema } from '../messages/recipient.ts'
import { erasureView } from './erasure-view.ts'
import { callerOf, type Whose } from './person-access.ts'
import type { PersonHash } from './person-hash.ts'

/** Who is to be erased. */
export function erasePersonBody(recipient: RecipientSchema) {
  return z.strictObject({
    number: recipient,
    /** An entry keeps its holder from being written to again, so it goes only when that is asked for. */
    suppressions: z.enum(['keep', 'erase']).default('keep'),
  })
}

export function erasePersonRoute(o: {
  authenticate: Authenticate
  whose: Whose
  readBody(req: Request, res: Response): Promise<void>
  recipient: RecipientSchema
  personHash: PersonHash
  orderErasure: PersonErasures['order']
  onOrdered(): void
  audit: Audit
  once: Once
}): RequestHandler {
  const Body = erasePersonBody(o.recipient)
  return async (req, res) => {
    const { by, user } = await callerOf(o, { req, res, own: 'messages:send' })
    await o.readBody(req, res)
    const { number, suppressions } = parseBody(Body, req)
    const person = o.personHash(number)
    const withSuppressions = suppressions === 'erase'
    await o.once(req, res, { id: by }, async () => {
      const erasure = await o.orderErasure({ by, user, number, person, withSuppressions })
      const details = { records: o.whose, erasure: erasure.id, suppressions }
      await o.audit(req, { by, action: 'person.erased', target: person, details })
      o.onOrdered()
      const self = `${o.whose === 'own' ? '/v1' : '/v1/admin'}/persons/erasures/${erasure.id}`
      return { status: 202, headers: { location: self }, body: { ...erasureView(erasure), links: { self } } }
    })
  }
}
