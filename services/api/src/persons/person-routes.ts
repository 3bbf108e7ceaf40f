import type { RouteTable } from '../http/app.ts'
import { readJsonBody } from '../http/json-body.ts'
import type { RecipientSchema } from '../messages/recipient.ts'
import type { Parts } from '../parts.ts'
import { erasePersonRoute } from './erase-person.route.ts'
import { exportPersonRoute } from './export-person.route.ts'
import type { Whose } from './person-access.ts'
import { createPersonHash } from './person-hash.ts'
import { readErasureRoute } from './read-erasure.route.ts'

/** What is kept of the holder of a number. The number comes in the body: addresses end up in logs. */
export function personRoutes(parts: Parts & Readonly<{ recipient: RecipientSchema }>): RouteTable {
  const { store, access, audit, once, recipient, lineStreams, erasureWorker } = parts
  const o = {
    authenticate: access.authenticate,
    audit,
    once,
    recipient,
    readBody: readJsonBody({ bytesMax: 4 * 1024 }),
    personHash: createPersonHash(parts.config.secretKeys.newest),
    readPerson: store.persons.read,
    lineStreams,
    orderErasure: store.personErasures.order,
    onOrdered: erasureWorker.look,
    findErasure: store.personErasures.find,
  }
  const routesOf = (whose: Whose) => ({
    take: exportPersonRoute({ ...o, whose }),
    erase: erasePersonRoute({ ...o, whose }),
    read: readErasureRoute({ ...o, whose }),
  })
  const [own, everybody] = [routesOf('own'), routesOf('everybody')]
  return {
    '/v1/persons/export': { post: [own.take] },
    '/v1/persons/erase': { post: [own.erase] },
    '/v1/persons/erasures/:id': { get: [own.read] },
    '/v1/admin/persons/export': { post: [everybody.take] },
    '/v1/admin/persons/erase': { post: [everybody.erase] },
    '/v1/admin/persons/erasures/:id': { get: [everybody.read] },
  }
}
