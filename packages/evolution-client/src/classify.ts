import type { DeliveryErrorKind, SendFailure } from '@whatsapp-sender/contract'
import { type Answer, readAnswer } from './answer.ts'
import { codeFor, type ObservedState, type Route } from './classification.ts'
import { definitionOf, type FailureCode } from './failure-codes.ts'
import type { HttpAnswer } from './http-exchange.ts'
import { maskDetail } from './mask-detail.ts'

type Context = Readonly<{
  route: Route
  /** Asked only when the words of the answer do not decide. */
  lookUpState: () => Promise<ObservedState>
  /** Exact strings that must not come back in `detail`. */
  withheld?: readonly string[]
}>

/** What an answer that is no success means. Never throws, whatever the body. */
export async function classify(answer: HttpAnswer, context: Context): Promise<SendFailure> {
  return failureOf(readAnswer(answer), context)
}

export async function failureOf(answer: Answer, context: Context): Promise<SendFailure> {
  const found = codeFor(answer, context.route)
  const code = typeof found === 'string' ? found : found[downed(await context.lookUpState())]
  const { kind, meaning, retryAfterMs, ofServer } = definitionOf(code)
  const said = answer.author === 'foreign' ? '' : maskDetail(answer.text, context.withheld)
  const pause = WAITING_KINDS.includes(kind) ? (answer.retryAfterMs ?? retryAfterMs) : retryAfterMs
  return {
    kind,
    code,
    detail: said === '' ? meaning : said,
    httpStatus: answer.status,
    ...(pause === undefined ? {} : { retryAfterMs: pause }),
    ...(ofServer && { ofServer }),
  }
}

/** Kinds whose wait the answer may name. */
const WAITING_KINDS: readonly DeliveryErrorKind[] = ['rate-limited', 'server-down', 'transient']

/** The failure of a request that got no answer. */
export function failureWithoutAnswer(code: FailureCode): SendFailure {
  const { kind, meaning, ofServer } = definitionOf(code)
  return { kind, code, detail: meaning, ...(ofServer && { ofServer }) }
}

function downed(state: ObservedState): 'open' | 'down' | 'unknown' {
  return state === 'open' || state === 'unknown' ? state : 'down'
}
