import type { WebhookDelivery, WebhookEndpoint } from '@whatsapp-sender/store'
import { ProblemError } from '../http/problem.ts'

/** @throws {ProblemError} the same 404 whether it is another user's or nobody's */
export function webhookOrRefuse<T>(found: T | undefined): T {
  if (found === undefined) throw new ProblemError('webhook-not-found', 'There is no such webhook.')
  return found
}

/** @throws {ProblemError} 409 */
export function enabledOrRefuse(endpoint: WebhookEndpoint): WebhookEndpoint {
  if (endpoint.enabled) return endpoint
  throw new ProblemError('webhook-disabled', 'The webhook is switched off: nothing is posted to it.')
}

/** @throws {ProblemError} 404 */
export function deliveryOrRefuse(found: WebhookDelivery | undefined): WebhookDelivery {
  if (found === undefined) throw new ProblemError('delivery-not-found', 'The webhook has no such delivery.')
  return found
}
