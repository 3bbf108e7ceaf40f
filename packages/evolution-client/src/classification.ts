import type { Answer, Author } from './answer.ts'
import type { FailureCode } from './failure-codes.ts'

/** What the server says of the instance; `unknown` when the question itself failed. */
export type ObservedState = 'open' | 'connecting' | 'close' | 'loading' | 'unknown'

/** `media`: a send of which Evolution fetches a file first. */
export type Route = 'send' | 'media' | 'numbers' | 'instance'

/** The same words mean different things by the state of the instance; `down` covers every state but open. */
export type CodeByState = Readonly<{ open: FailureCode; down: FailureCode; unknown: FailureCode }>

/** A rule matches when all it names matches. */
type Rule = Readonly<{
  status?: readonly number[]
  author?: readonly Author[]
  text?: RegExp
  where?: (answer: Answer) => boolean
  routes?: readonly Route[]
  code: FailureCode | CodeByState
}>

const SENDS: readonly Route[] = ['send', 'media']

const PRISMA = /DriverAdapterError|PrismaClient\w*Error|prismaRepository/

/**
 * What each answer of Evolution API 2.3.6 means, first match wins. Order: success without a message id, key and address,
 * the parser, schema and number, the words with their status, proxies, and at last the state of the instance.
 */
const CLASSIFICATION: readonly Rule[] = [
  // Success that names no message. Meta's 4xx arrive as 201.
  { status: [200, 201], where: metaCodeIn([131030, 131026, 131021, 131045, 131050]), code: 'meta-recipient-refused' },
  { status: [200, 201], where: metaCodeIn([100, 131008, 131009, 131047, 131051]), code: 'meta-message-refused' },
  {
    status: [200, 201],
    where: metaCodeIn([0, 3, 10, 33, 190, 368, 131005, 131031, 131042, 133010]),
    code: 'meta-access-refused',
  },
  { status: [200, 201], where: ({ metaCode }) => isBetween(metaCode, 200, 299), code: 'meta-access-refused' },
  { status: [200, 201], where: metaCodeIn([4, 80007, 130429, 131048, 131056]), code: 'meta-rate-limit' },
  { status: [200, 201], author: ['meta'], code: 'meta-error' },
  { where: ({ status, isCut }) => isBetween(status, 200, 299) && isCut, code: 'answer-too-long' },
  { routes: ['instance'], status: [200], where: ({ json }) => isFlagged(json), code: 'instance-loading' },
  { where: ({ status }) => isBetween(status, 200, 299), code: 'unreadable-success' },

  // Nothing was passed on.
  { where: ({ status }) => isBetween(status, 300, 399), code: 'redirected' },
  { status: [429], code: 'proxy-rate-limit' },

  // Key and address. A wrong key and a database that is down look the same (401), so the instance is held, never the message failed.
  { status: [401], code: 'unauthorized' },
  { status: [403], text: /is already in use/, code: 'name-in-use' },
  { status: [403, 407], code: 'forbidden' },
  { status: [404], text: /instance does not exist|^Instance ".*" not found/, code: 'instance-missing' },
  { status: [404], code: 'route-missing' },

  // The body, before anybody looked at what it says.
  { author: ['parser'], code: 'body-refused' },
  { status: [413, 414, 415, 431], code: 'body-refused' },

  { status: [400], where: ({ isUnregistered }) => isUnregistered, code: 'not-on-whatsapp' },
  { status: [400], author: ['evolution'], where: ({ isSchemaList }) => isSchemaList, code: 'schema-refused' },

  // The database first: its errors are long and quote other words.
  { status: [400], author: ['evolution'], text: PRISMA, code: 'database-failed-after-send' },
  { status: [500], author: ['evolution'], text: PRISMA, code: 'database-down' },

  // 400: Evolution's own checks, and what is thrown inside the send.
  {
    status: [400],
    text: /^(Text is required|Owned media must be a url\b.*|For base64 the file name must be informed\.)$/,
    code: 'content-refused',
  },
  {
    status: [400],
    text: /^(At least one button is required|Maximum of \d+ reply buttons allowed|Reply buttons cannot be mixed with other types|Only one PIX button is allowed)$/,
    code: 'content-refused',
  },
  // The words of a channel that does not have the kind; on the routes of instances they mean a wrong set-up.
  { status: [400, 500], routes: SENDS, text: /^Method not available (on|in) /, code: 'kind-refused' },
  { status: [500], routes: SENDS, text: /\.\w+ is not a function$/, code: 'kind-refused' },
  { status: [400], text: /emoji|^"instanceName" not provided\.$/, author: ['evolution'], code: 'content-refused' },
  { status: [400], text: /^Error: JID decoded but user is empty/, code: 'number-unusable' },
  {
    status: [400],
    text: /^(Invalid integration|token is required|number is required)$|^Method not available on /,
    code: 'setup-refused',
  },
  { status: [400], text: /^Error: Connection Closed$/, code: 'instance-disconnected' },
  { status: [400], text: /instance is not connected$/, author: ['evolution'], code: 'instance-disconnected' },
  { status: [400], text: /^TypeError: .*\(reading 'sendMessage'\)$/, code: 'instance-disconnected' },
  { status: [400], text: /^SessionError: No sessions$/, code: 'keys-unanswered' },
  { status: [400], text: /^TypeError: .*\(reading 'message'\)$/, code: 'business-no-answer' },
  { status: [400], routes: ['numbers'], text: /rate-overlimit/, code: 'whatsapp-rate-limit' },
  { status: [400], routes: ['numbers'], author: ['bare'], code: 'instance-not-open' },

  // 500: thrown by the look-up before the send, so nothing has left.
  { status: [500], text: /\(reading 'length'\)$/, code: 'server-bug' },
  { status: [500], text: /\(reading 'onWhatsApp'\)$/, code: 'never-connected' },
  { status: [500], text: /^(Error: )?Connection Closed$/, code: 'instance-disconnected' },
  // While an instance is not in memory the server trips over the method it would have called.
  {
    status: [500],
    text: /\(reading '(text|media|ptv|location|contact|reaction|poll|list|button|template)Message'\)$/,
    code: 'instance-loading',
  },
  { status: [500], text: /\(reading '(audioWhatsapp|mediaSticker)'\)$/, code: 'instance-loading' },
  { status: [500], text: /\(reading 'waUploadToServer'\)$/, code: 'instance-disconnected' },
  { status: [500], author: ['evolution'], text: /^Internal Server Error$/, code: 'socket-lost' },
  {
    status: [500],
    text: /\(reading 'find'\)$/,
    code: { open: 'lookup-unanswered', down: 'instance-not-open', unknown: 'lookup-unanswered' },
  },
  { status: [500], author: ['evolution'], text: /rate-overlimit/, code: 'whatsapp-rate-limit' },
  { status: [400, 500], author: ['evolution'], text: /Timed Out/i, code: 'whatsapp-timed-out' },
  { status: [500], text: /^Error: (getaddrinfo |Media upload failed)/, code: 'media-failed' },
  // Fetching, converting and uploading a file come before the send.
  { status: [500], routes: ['media'], author: ['evolution'], text: /^\w*Error: /, code: 'media-failed' },

  // Proxies. 503 says that there was nobody to pass the request to, except Envoy's, which also writes it for a connection
  // that broke later. 502 and 504 are said before and after the request was passed on, so the message may be out.
  {
    status: [503],
    author: ['foreign'],
    text: /reset reason: (?!.*(connection failure|overflow|connection timeout))/,
    code: 'gateway-lost-answer',
  },
  { status: [503, 521, 523, 525, 526, 530], author: ['foreign'], code: 'gateway-without-server' },
  {
    where: ({ status, author }) => author === 'foreign' && (status === 408 || status > 500),
    code: 'gateway-lost-answer',
  },

  // Unknown words. 500 comes from before the send block, 400 from inside it.
  {
    where: ({ status }) => status >= 500,
    code: { open: 'server-error', down: 'instance-not-open', unknown: 'server-error' },
  },
  { code: { open: 'send-block-error', down: 'instance-not-open', unknown: 'send-block-error' } },
]

/** The code of the first rule that matches; the last rule matches everything. */
export function codeFor(answer: Answer, route: Route): FailureCode | CodeByState {
  return CLASSIFICATION.find((rule) => matches(rule, answer, route))?.code ?? 'send-block-error'
}

function matches(rule: Rule, answer: Answer, route: Route): boolean {
  const { status, author, text, where, routes } = rule
  return (
    isAmong(route, routes) &&
    isAmong(answer.status, status) &&
    isAmong(answer.author, author) &&
    (text === undefined || text.test(answer.text)) &&
    (where === undefined || where(answer))
  )
}

/** No list allows everything. */
function isAmong<T>(value: T, allowed: readonly T[] | undefined): boolean {
  return allowed === undefined || allowed.includes(value)
}

function metaCodeIn(codes: readonly number[]): (answer: Answer) => boolean {
  return ({ metaCode }) => metaCode !== undefined && codes.includes(metaCode)
}

function isBetween(value: number | undefined, low: number, high: number): boolean {
  return value !== undefined && value >= low && value <= high
}

function isFlagged(json: unknown): boolean {
  return typeof json === 'object' && json !== null && 'error' in json && json.error === true
}
