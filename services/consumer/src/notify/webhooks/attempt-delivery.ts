import type { OutgoingHttp } from '@whatsapp-sender/outgoing'
import type { ClaimedEndpoint, WebhookAttempt, WebhookDelivery } from '@whatsapp-sender/store'
import type { Clock } from '../../dispatch/clock.ts'
import type { MessageTraces } from '../../message-traces.ts'
import { signedHeaders } from './webhook-signature.ts'

const ANSWER_KEPT_CHARACTERS = 1000

/** Posts once. Never throws. A message that is traced is so there as well, if the receiver does that. */
export async function attemptDelivery(
  delivery: WebhookDelivery,
  { endpoint: { url }, secrets }: ClaimedEndpoint,
  {
    http,
    clock,
    traces,
  }: Readonly<{
    http: Pick<OutgoingHttp, 'post'>
    clock: Pick<Clock, 'storeNow' | 'monotonic'>
    traces: Pick<MessageTraces, 'posting'> | undefined
  }>,
): Promise<WebhookAttempt> {
  const { id, body } = delivery
  const at = new Date(clock.storeNow())
  const startedAt = clock.monotonic()
  const span = traces?.posting(delivery, at.getTime())
  const outcome = secrets.length === 0 ? UNSIGNED : await post()
  const durationMs = Math.round(clock.monotonic() - startedAt)
  span?.end({ endedAt: at.getTime() + durationMs, ...endOf(outcome) })
  return { at, durationMs, ...outcome }

  async function post(): Promise<PostOutcome> {
    const traced = span && { traceparent: span.traceparent }
    const headers = { ...HEADERS, ...traced, ...signedHeaders({ id, body }, secrets, at) }
    const answer = await http.post({ url, headers, body })
    if (answer.kind === 'refused') return { code: answer.fault.code }
    if (answer.kind === 'unanswered') return { code: answer.code }
    return { status: answer.status, answer: answer.text.slice(0, ANSWER_KEPT_CHARACTERS) }
  }
}

type PostOutcome = Pick<WebhookAttempt, 'status' | 'code' | 'answer'>

function endOf({ status, code }: PostOutcome) {
  if (status === undefined) return { error: code }
  const isWell = status >= 200 && status < 300
  return { attributes: { 'http.response.status_code': status }, error: isWell ? undefined : String(status) }
}

const HEADERS = { 'content-type': 'application/json', 'user-agent': 'whatsapp-sender-webhooks/1' }

/** Sealed with a key that this process does not have: an unsigned call would teach receivers to take one. */
const UNSIGNED = { code: 'secret-unreadable' } as const
