import { administrationOperations } from './administration/administration-operations.ts'
import { apiKeyOperations } from './api-keys/api-key-operations.ts'
import { auditOperations } from './audit/audit-operations.ts'
import { batchOperations } from './batches/batch-operations.ts'
import { bulkOperationOperations } from './bulk-operations/bulk-operation-operations.ts'
import { campaignOperations } from './campaigns/campaign-operations.ts'
import { deadLetterOperations } from './dead-letters/dead-letter-operations.ts'
import { errorPageOperations } from './error-pages/error-page-operations.ts'
import { evolutionEventOperations } from './evolution-events/evolution-event-operations.ts'
import { evolutionServerOperations } from './evolution-servers/evolution-server-operations.ts'
import { followingOperations } from './following/following-operations.ts'
import { homeOperations } from './home/home-operations.ts'
import { instanceOperations } from './instances/instance-operations.ts'
import { legacyOperations } from './legacy/legacy-operations.ts'
import { meOperations } from './me/me-operations.ts'
import { mediaOperations } from './media/media-operations.ts'
import { messageOperations } from './messages/message-operations.ts'
import type { RecipientSchema } from './messages/recipient.ts'
import { numberOperations } from './numbers/number-operations.ts'
import { openApiOperations } from './openapi/openapi-operations.ts'
import type { Operations } from './openapi/operation.ts'
import { personOperations } from './persons/person-operations.ts'
import { suppressionOperations } from './suppressions/suppression-operations.ts'
import { undecodableOperations } from './undecodable/undecodable-operations.ts'
import { usageOperations } from './usage/usage-operations.ts'
import { userOperations } from './users/user-operations.ts'
import { webhookOperations } from './webhooks/webhook-operations.ts'

/** Every area and what is said of its routes, in the order in which people read them. */
export function describedAreas(recipient: RecipientSchema): ReadonlyMap<string, Operations> {
  return new Map<string, Operations>([
    ['Accounts', userOperations],
    ['Your account', meOperations],
    ['API keys', apiKeyOperations],
    ['Instances', instanceOperations(recipient)],
    ['Numbers', numberOperations(recipient)],
    ['Messages', messageOperations(recipient)],
    ['Batches', batchOperations],
    ['Files', mediaOperations],
    ['Campaigns', campaignOperations],
    ['Following', followingOperations],
    ['Dead letters', deadLetterOperations(recipient)],
    ['Operations', bulkOperationOperations],
    ['Suppressions', suppressionOperations(recipient)],
    ['Webhooks', webhookOperations],
    ['Persons', personOperations(recipient)],
    ['Usage', usageOperations],
    [
      'Administration',
      { ...administrationOperations, ...evolutionServerOperations, ...auditOperations, ...undecodableOperations },
    ],
    ['Older clients', legacyOperations(recipient)],
    ['Others', { ...homeOperations, ...openApiOperations, ...errorPageOperations, ...evolutionEventOperations }],
  ])
}
