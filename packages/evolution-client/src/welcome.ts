import { call, type Failed } from './call.ts'
import type { HttpExchange } from './http-exchange.ts'
import { isRecord, textAt } from './json.ts'

/** It asks WhatsApp's site for a version of its own first, and answers after a second when that cannot be reached. */
const TIMEOUT_MS = 5000

/** The start page. No key is asked for, so none is shown. */
export function welcome(http: HttpExchange): Promise<Readonly<{ version: string | undefined }> | Failed> {
  return call(http, {
    route: 'instance',
    method: 'get',
    path: '/',
    apiKey: '',
    timeoutMs: TIMEOUT_MS,
    read: ({ json }) => (isRecord(json) ? { version: textAt(json, 'version') } : undefined),
  })
}
