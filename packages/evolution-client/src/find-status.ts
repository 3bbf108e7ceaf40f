import { call, type Failed } from './call.ts'
import type { HttpExchange } from './http-exchange.ts'
import { instancePath } from './instance-path.ts'
import { isRecord, textAt } from './json.ts'

/** A look into Evolution's own database; WhatsApp is not asked. */
const TIMEOUT_MS = 5_000

/**
 * WhatsApp's words about one message so far, in no order and without a time. An empty list also means that Evolution
 * keeps no such words: it does only with `DATABASE_SAVE_DATA_NEW_MESSAGE` and `DATABASE_SAVE_MESSAGE_UPDATE` set.
 */
export function findStatus(
  http: HttpExchange,
  { instance, apiKey, providerMessageId }: Readonly<{ instance: string; apiKey: string; providerMessageId: string }>,
): Promise<Readonly<{ statuses: readonly string[] }> | Failed> {
  return call(http, {
    route: 'instance',
    method: 'post',
    path: instancePath('/chat/findStatusMessage', instance),
    apiKey,
    body: { where: { id: providerMessageId } },
    timeoutMs: TIMEOUT_MS,
    read: ({ json }) =>
      Array.isArray(json) ? { statuses: json.flatMap((row) => statusOf(row, providerMessageId)) } : undefined,
  })
}

/** Rows of other messages are left out, should the server ever not heed the condition. */
function statusOf(row: unknown, providerMessageId: string): string[] {
  const status = textAt(row, 'status')
  return isRecord(row) && row['keyId'] === providerMessageId && status !== undefined ? [status] : []
}
