import { call, type Failed } from './call.ts'
import type { ObservedState } from './classification.ts'
import type { HttpExchange } from './http-exchange.ts'
import { instancePath } from './instance-path.ts'
import { isRecord, textAt, valueAt } from './json.ts'

/** `loading`: Evolution knows the instance but has no state for it yet (start-up), or no longer (deletion). */
export type ConnectionState = Exclude<ObservedState, 'unknown'>

/** It took 2 to 34 ms always, database down included. */
const TIMEOUT_MS = 5_000

export function connectionState(
  http: HttpExchange,
  { instance, apiKey }: { instance: string; apiKey: string },
): Promise<Readonly<{ state: ConnectionState }> | Failed> {
  return call(http, {
    route: 'instance',
    method: 'get',
    path: instancePath('/instance/connectionState', instance),
    apiKey,
    timeoutMs: TIMEOUT_MS,
    read: ({ json }) =>
      isRecord(valueAt(json, 'instance')) ? { state: stateOf(textAt(json, 'instance', 'state')) } : undefined,
  })
}

/** Words other than Evolution's three count as not connected. */
export function stateOf(word: string | undefined): ConnectionState {
  if (word === undefined) return 'loading'
  return word === 'open' || word === 'connecting' ? word : 'close'
}
