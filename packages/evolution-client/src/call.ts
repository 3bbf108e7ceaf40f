import type { SendFailure } from '@whatsapp-sender/contract'
import { type Answer, readAnswer } from './answer.ts'
import type { ObservedState, Route } from './classification.ts'
import { failureOf, failureWithoutAnswer } from './classify.ts'
import type { HttpExchange, HttpRequest } from './http-exchange.ts'

export type Failed = Readonly<{ failure: SendFailure }>

type Call<T> = Omit<HttpRequest, 'path'> &
  Readonly<{
    path: string | undefined
    route: Route
    /** What a success holds; `undefined` when it is not what the route promises. */
    read: (answer: Answer) => T | undefined
    lookUpState?: () => Promise<ObservedState>
    /** What a failure must not repeat. */
    withheld?: () => readonly string[]
  }>

/** One request and what became of it. Never throws. */
export async function call<T>(http: HttpExchange, request: Call<T>): Promise<T | Failed> {
  const { path, read, route, apiKey, lookUpState = stateUnknown } = request
  if (path === undefined) return { failure: failureWithoutAnswer('instance-name-unusable') }
  const result = await http.exchange({ ...request, path })
  if (result.kind === 'unanswered') return { failure: failureWithoutAnswer(result.code) }
  const answer = readAnswer(result.answer)
  const isSuccess = answer.status >= 200 && answer.status < 300
  const found = isSuccess ? read(answer) : undefined
  if (found !== undefined) return found
  const withheld = [apiKey, ...(request.withheld?.() ?? [])]
  return { failure: await failureOf(answer, { route, lookUpState, withheld }) }
}

async function stateUnknown(): Promise<ObservedState> {
  return 'unknown'
}
