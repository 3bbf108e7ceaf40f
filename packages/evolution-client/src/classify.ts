import type { SendFailure } from '@whatsapp-sender/contract'
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
  const { kind, meaning, retryAfterMs } = definitionOf(code)
  const said = answer.author === 'foreign' ? '' : maskDetail(answer.text, context.withheld)
  const pause = kind === 'rate-limited' || kind === 'server-down' ? (answer.retryAfterMs ?? retryAfterMs) : retryAfterMs
  return {
    kind,
    code,
    detail: said === '' ? meaning : said,
    httpStatus: answer.status,
    ...(pause === undefined ? {} : { retryAfterMs: pause }),
  }
}

/** The failure of a request that got no answer. */
export function failureWithoutAnswer(code: FailureCode): SendFailure {
  const { kind, meaning } = definitionOf(code)
  return { kind, code, detail: meaning }
}

function downed(state: ObservedState): 'open' | 'down' | 'unknown' {
  return state === 'open' || state === 'unknown' ? state : 'down'
}
