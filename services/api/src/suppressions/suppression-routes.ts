import type { Store, SuppressionBook } from '@whatsapp-sender/store'
import type { RouteTable } from '../http/app.ts'
import type { Authenticate } from '../http/authenticate.ts'
import { jsonBody } from '../http/json-body.ts'
import type { RecipientSchema } from '../messages/recipient.ts'
import { addSuppressionRoute } from './add-suppression.route.ts'
import { importSuppressionsRoute } from './import-suppressions.route.ts'
import { listSuppressionsRoute } from './list-suppressions.route.ts'
import { readSuppressionRoute } from './read-suppression.route.ts'
import { removeSuppressionRoute } from './remove-suppression.route.ts'
import { createSuppress } from './suppress.ts'

type Needs = Readonly<{
  authenticate: Authenticate
  recipient: RecipientSchema
  store: Pick<Store, 'suppressions'>
  suppressions: SuppressionBook
}>

/** Whom a user sends nothing to. */
export function suppressionRoutes({ store, suppressions: book, ...access }: Needs): RouteTable {
  const body = jsonBody({ bytesMax: 4 * 1024 })
  const o = {
    ...access,
    ...createSuppress({ suppressions: store.suppressions, book }),
    findSuppression: store.suppressions.find,
    listSuppressions: store.suppressions.list,
  }
  const [read, add, remove] = [readSuppressionRoute(o), addSuppressionRoute(o), removeSuppressionRoute(o)]
  return {
    '/v1/suppressions': { get: [listSuppressionsRoute(o)], post: [importSuppressionsRoute(o)] },
    '/v1/suppressions/:number': { get: [read], put: [body, add], delete: [remove] },
  }
}
