import type { DeliveryErrorKind } from '@whatsapp-sender/contract'

type Definition = Readonly<{ kind: DeliveryErrorKind; meaning: string; retryAfterMs?: number; ofServer?: true }>

/**
 * Every code a failure can carry, with the kind it implies. `retryAfterMs` is the pause asked for when the answer names
 * none: a minute for WhatsApp's own limit, which comes without a time and is counted over about that long; 30 s for a proxy.
 * `ofServer` marks what any other send through the same server might have met: the breaker counts these alone.
 */
export const FAILURES = {
  // No answer, and no byte of the request was written.
  'connection-refused': { kind: 'server-down', meaning: 'Evolution API refused the connection', ofServer: true },
  'server-not-found': {
    kind: 'server-down',
    meaning: 'the host name of Evolution API could not be resolved',
    ofServer: true,
  },
  'evolution-server-missing': {
    kind: 'server-down',
    meaning: 'the Evolution server of the instance is not known here',
    ofServer: true,
  },
  'connect-timeout': {
    kind: 'server-down',
    meaning: 'the connection to Evolution API was not made in time',
    ofServer: true,
  },
  'connect-failed': {
    kind: 'server-down',
    meaning: 'the connection to Evolution API could not be made',
    ofServer: true,
  },
  'never-started': {
    kind: 'server-down',
    meaning: 'the request found no connection in time and was not written',
    ofServer: true,
  },
  'started-too-late': {
    kind: 'server-down',
    meaning: 'a connection was found only when others may already have judged the message; the request was not written',
  },
  'file-unreadable': {
    kind: 'transient',
    meaning: 'the file of the message could not be read to its end; the request was broken off before it was whole',
  },
  'client-closed': { kind: 'server-down', meaning: 'the client was closing; the request was not written' },
  'request-unusable': { kind: 'configuration', meaning: 'the key or the address cannot be put into a request' },
  'instance-name-unusable': { kind: 'configuration', meaning: 'the instance name cannot be part of a path' },
  // No answer, after the request may have been written. The server goes on without its client.
  timeout: { kind: 'ambiguous', meaning: 'no whole answer came in time', ofServer: true },
  'connection-lost': {
    kind: 'ambiguous',
    meaning: 'the connection broke before the whole answer came',
    ofServer: true,
  },
  'answer-broken': { kind: 'ambiguous', meaning: 'what came back is not HTTP', ofServer: true },
  'answer-too-long': {
    kind: 'ambiguous',
    meaning: 'the answer says success but is longer than what is read',
    ofServer: true,
  },
  'unreadable-success': {
    kind: 'ambiguous',
    meaning: 'the answer says success without naming the message',
    ofServer: true,
  },
  'client-fault': { kind: 'ambiguous', meaning: 'the client failed while the request was under way' },
  // Answers of a proxy in front of Evolution.
  'gateway-lost-answer': {
    kind: 'ambiguous',
    meaning: 'a proxy lost Evolution API after it may have passed the request',
    ofServer: true,
  },
  'gateway-without-server': {
    kind: 'server-down',
    meaning: 'a proxy has no Evolution API to pass the request to',
    ofServer: true,
  },
  'proxy-rate-limit': { kind: 'rate-limited', meaning: 'a proxy asks for a pause', retryAfterMs: 30_000 },
  redirected: { kind: 'configuration', meaning: 'the address answers with a redirect, which is not followed' },
  // Evolution itself cannot send anything.
  'database-down': {
    kind: 'server-down',
    meaning: 'the database of Evolution API failed before the send',
    ofServer: true,
  },
  // Key, address, set-up.
  unauthorized: { kind: 'configuration', meaning: 'Evolution API does not take the key' },
  forbidden: { kind: 'configuration', meaning: 'Evolution API or a proxy forbids the request' },
  'name-in-use': { kind: 'configuration', meaning: 'the instance name is in use' },
  'instance-missing': { kind: 'configuration', meaning: 'the instance does not exist' },
  'route-missing': { kind: 'configuration', meaning: 'there is no such route: wrong address or version' },
  'setup-refused': { kind: 'configuration', meaning: 'the instance was set up wrongly' },
  // The message itself.
  'not-on-whatsapp': { kind: 'permanent', meaning: 'the number is not on WhatsApp' },
  'schema-refused': { kind: 'permanent', meaning: 'the body does not fit the route' },
  'content-refused': { kind: 'permanent', meaning: 'Evolution API refuses the content' },
  'kind-refused': { kind: 'permanent', meaning: 'the channel of the instance cannot send this kind of message' },
  'number-unusable': { kind: 'permanent', meaning: 'the number is none' },
  'body-refused': { kind: 'permanent', meaning: 'the body was refused before it was looked at' },
  'server-bug': { kind: 'permanent', meaning: 'Evolution API fails on this kind of request always' },
  // The instance.
  'never-connected': { kind: 'instance-down', meaning: 'the instance was never connected' },
  'instance-disconnected': { kind: 'instance-down', meaning: 'the instance is not connected' },
  'instance-loading': { kind: 'instance-down', meaning: 'the instance is still loading' },
  'instance-not-open': { kind: 'instance-down', meaning: 'the send failed and the instance is not open' },
  'socket-lost': {
    kind: 'instance-down',
    meaning: 'the instance lost its connection and usually has it back within a second',
    retryAfterMs: 1_000,
  },
  'whatsapp-rate-limit': {
    kind: 'rate-limited',
    meaning: 'WhatsApp wants the instance to pause',
    retryAfterMs: 60_000,
  },
  // May pass by itself.
  'lookup-unanswered': { kind: 'transient', meaning: 'WhatsApp did not answer the look-up of the number' },
  'keys-unanswered': { kind: 'transient', meaning: 'WhatsApp gave no keys for the recipient' },
  'media-failed': { kind: 'transient', meaning: 'the media could not be fetched or uploaded' },
  'server-error': { kind: 'transient', meaning: 'Evolution API failed for no known reason', ofServer: true },
  // Errors that come from inside the send: the message may be out.
  'database-failed-after-send': {
    kind: 'ambiguous',
    meaning: 'the database of Evolution API failed after the send',
    ofServer: true,
  },
  'business-no-answer': { kind: 'ambiguous', meaning: 'Meta gave Evolution API no readable answer' },
  'whatsapp-timed-out': { kind: 'ambiguous', meaning: 'WhatsApp did not confirm in time' },
  'send-block-error': { kind: 'ambiguous', meaning: 'the send was broken off for no known reason' },
  // Meta's own errors (Business channel), which arrive as 201.
  'meta-recipient-refused': { kind: 'permanent', meaning: 'Meta refuses the recipient' },
  'meta-message-refused': { kind: 'permanent', meaning: 'Meta refuses the message' },
  'meta-access-refused': { kind: 'configuration', meaning: 'Meta refuses the account or its token' },
  'meta-rate-limit': { kind: 'rate-limited', meaning: 'Meta wants a pause', retryAfterMs: 60_000 },
  'meta-error': { kind: 'transient', meaning: 'Meta did not take the message' },
} as const satisfies Readonly<Record<string, Definition>>

export type FailureCode = keyof typeof FAILURES

export function definitionOf(code: FailureCode): Definition {
  return FAILURES[code]
}
