import { call, type Failed } from './call.ts'
import type { HttpExchange } from './http-exchange.ts'
import { instancePath } from './instance-path.ts'
import { textAt, valueAt } from './json.ts'

export type CheckedNumber = Readonly<{ number: string; jid: string; exists: boolean }>

/** The look-up may hang for a minute before Evolution gives up. */
const TIMEOUT_MS = 75_000

/** Asks WhatsApp which of the numbers (digits) it knows. */
export function whatsappNumbers(
  http: HttpExchange,
  o: Readonly<{ instance: string; apiKey: string; numbers: readonly string[] }>,
): Promise<Readonly<{ numbers: readonly CheckedNumber[] }> | Failed> {
  return call(http, {
    route: 'numbers',
    method: 'post',
    path: instancePath('/chat/whatsappNumbers', o.instance),
    apiKey: o.apiKey,
    body: { numbers: [...new Set(o.numbers)] },
    timeoutMs: TIMEOUT_MS,
    read: ({ json }) => (Array.isArray(json) ? { numbers: json.flatMap(checkedNumberOf) } : undefined),
  })
}

function checkedNumberOf(entry: unknown): CheckedNumber[] {
  const number = textAt(entry, 'number')
  const exists = valueAt(entry, 'exists')
  if (number === undefined || typeof exists !== 'boolean') return []
  return [{ number, jid: textAt(entry, 'jid') ?? '', exists }]
}
