import type { OutgoingHttp } from '@whatsapp-sender/outgoing'
import type { ClaimedEndpoint, WebhookAttempt, WebhookDelivery } from '@whatsapp-sender/store'
import type { Clock } from '../../dispatch/clock.ts'
import { signedHeaders } from './webhook-signature.ts'

const ANSWER_KEPT_CHARACTERS = 1000

/** Posts once. Never throws. */
export async function attemptDelivery(
  { id, body }: Pick<WebhookDelivery, 'id' | 'body'>,
  { endpoint: { url }, secrets }: ClaimedEndpoint,
  { http, clock }: Readonly<{ http: Pick<OutgoingHttp, 'post'>; clock: Pick<Clock, 'storeNow' | 'monotonic'> }>,
): Promise<WebhookAttempt> {
  const at = new Date(clock.storeNow())
  const startedAt = clock.monotonic()
  const outcome = secrets.length === 0 ? UNSIGNED : await post()
  return { at, durationMs: Math.round(clock.monotonic() - startedAt), ...outcome }

  async function post(): Promise<Pick<WebhookAttempt, 'status' | 'code' | 'answer'>> {
    const headers = { ...HEADERS, ...signedHeaders({ id, body }, secrets, at) }
    const answer = await http.post({ url, headers, body })
    if (answer.kind === 'refused') return { code: answer.fault.code }
    if (answer.kind === 'unanswered') return { code: answer.code }
    return { status: answer.status, answer: answer.text.slice(0, ANSWER_KEPT_CHARACTERS) }
  }
}

const HEADERS = { 'content-type': 'application/json', 'user-agent': 'whatsapp-sender-webhooks/1' }

/** Sealed with a key that this process does not have: an unsigned call would teach receivers to take one. */
const UNSIGNED = { code: 'secret-unreadable' } as const
