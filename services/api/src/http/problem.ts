import type { ErrorRequestHandler } from 'express'
import { endAnswer } from './end-answer.ts'

/**
 * Every `code` the API answers with, its status and its title. Codes are stable: clients branch on them, by the list in
 * docs/api-errors.md. Each has its page in docs/errors.
 */
export const PROBLEMS = {
  'malformed-json': [400, 'The body is not valid JSON'],
  'invalid-request': [400, 'The request is not valid'],
  'weak-password': [400, 'The password cannot be used'],
  unauthenticated: [401, 'Authentication is required'],
  'wrong-credentials': [401, 'Wrong login details'],
  'not-approved': [403, 'The account is not approved'],
  forbidden: [403, 'Not allowed'],
  'scope-missing': [403, 'The API key lacks a scope'],
  'wrong-password': [403, 'The password is wrong'],
  'session-required': [403, 'API keys may not do this'],
  'key-limited': [403, 'The API key is limited to certain instances'],
  'not-found': [404, 'Not found'],
  'instance-not-found': [404, 'Instance not found'],
  'message-not-found': [404, 'Message not found'],
  'user-not-found': [404, 'User not found'],
  'api-key-not-found': [404, 'API key not found'],
  'session-not-found': [404, 'Session not found'],
  'suppression-not-found': [404, 'Not on the suppression list'],
  'undecodable-not-found': [404, 'Record not found'],
  'erasure-not-found': [404, 'Erasure not found'],
  'operation-not-found': [404, 'Operation not found'],
  'share-not-found': [404, 'The instance is not shared with that user'],
  'webhook-not-found': [404, 'Webhook not found'],
  'media-not-found': [404, 'File not found'],
  'delivery-not-found': [404, 'Delivery not found'],
  'evolution-server-not-found': [404, 'Evolution server not found'],
  'campaign-not-found': [404, 'Campaign not found'],
  'method-not-allowed': [405, 'Method not allowed'],
  'wrong-status': [409, 'The message is in another status'],
  'content-removed': [409, 'The content of the message is gone'],
  'wrong-campaign-status': [409, 'The campaign is in another status'],
  'too-many-campaigns': [409, 'There are too many campaigns'],
  'too-many-operations': [409, 'There are too many operations'],
  'email-taken': [409, 'User already exists'],
  'too-many-api-keys': [409, 'There are too many API keys'],
  'last-admin': [409, 'An administrator has to remain'],
  'instance-name-taken': [409, 'The instance name is taken'],
  'instance-connected': [409, 'The instance is connected'],
  'instance-not-connected': [409, 'The instance is not connected'],
  'managed-by-kubernetes': [409, 'Kubernetes keeps the instance'],
  'instance-sandbox': [409, 'The instance reaches no phone'],
  'webhook-disabled': [409, 'The webhook is switched off'],
  'webhook-limit': [409, 'There are too many webhooks'],
  'evolution-server-name-taken': [409, 'The name of the Evolution server is taken'],
  'evolution-server-in-use': [409, 'The Evolution server is in use'],
  'evolution-server-fixed': [409, 'The Evolution server is set by the environment'],
  'evolution-server-limit': [409, 'There are too many Evolution servers'],
  'media-limit': [409, 'There are too many files'],
  'share-limit': [409, 'The instance is shared with too many users'],
  'foreign-webhook': [409, 'The instance reports to someone else'],
  'mail-off': [409, 'No mail is sent from here'],
  'request-under-way': [409, 'The same request is being worked on'],
  'event-feed-off': [409, 'Events are not turned on'],
  'request-timeout': [408, 'The request did not arrive in time'],
  'too-large': [413, 'The request is too large'],
  'unsupported-media-type': [415, 'The content type is not supported'],
  'idempotency-key-reused': [422, 'The idempotency key belongs to another request'],
  suppressed: [422, 'The recipient wants no messages'],
  'kind-not-supported': [422, 'The instance cannot send this kind of message'],
  'batch-refused': [422, 'No message of the batch can be accepted'],
  'too-many-requests': [429, 'Too many requests'],
  'headers-too-large': [431, 'The headers are too large'],
  'internal-error': [500, 'Something went wrong here'],
  'evolution-failed': [502, 'Evolution API did not do it'],
  overloaded: [503, 'Too busy to accept this now'],
  unavailable: [503, 'A part this request needs is not available'],
  'accept-unknown': [503, 'It is not known whether the message was accepted'],
} as const satisfies Readonly<Record<string, readonly [status: number, title: string]>>

export type ProblemCode = keyof typeof PROBLEMS

export type FieldFault = Readonly<{ field: string; message: string }>

export type ProblemOptions = Readonly<{
  errors?: readonly FieldFault[]
  retryAfterSeconds?: number
  headers?: Readonly<Record<string, string>>
  /** Further members of the body, such as the id of a message that may have been accepted. */
  members?: Readonly<Record<string, unknown>>
  cause?: unknown
}>

/** An answer that is not a success. `publicMessage` is shown to the caller; the cause goes to the log only. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError'
  readonly code: ProblemCode
  readonly publicMessage: string
  readonly options: ProblemOptions

  constructor(code: ProblemCode, publicMessage: string, options: ProblemOptions = {}) {
    super(publicMessage, { cause: options.cause })
    this.code = code
    this.publicMessage = publicMessage
    this.options = options
  }

  get status(): number {
    return PROBLEMS[this.code][0]
  }
}

export function invalidRequest(errors: readonly FieldFault[]): ProblemError {
  const detail = errors.map(({ field, message }) => `${field}: ${message}`).join('; ')
  return new ProblemError('invalid-request', detail.slice(0, 1000), { errors })
}

/**
 * The one place where an error becomes an answer (RFC 9457).
 * @param o.pagesUrl what stands in front of a code in the address of its page; ends in a slash
 */
export function problemMiddleware(o: {
  pagesUrl: string
  onProblem(code: ProblemCode): void
  onFailure(failure: { err: unknown; code: ProblemCode; requestId: string }): void
}): ErrorRequestHandler {
  return (err, req, res, next) => {
    const problem = problemOf(err)
    const { code, status } = problem
    const requestId = String(res.getHeader('Request-Id'))
    o.onProblem(code)
    if (status >= 500) o.onFailure({ err: problem.cause ?? err, code, requestId })
    // Too late to answer: let Express cut the connection.
    if (res.headersSent) return next(err)
    const { retryAfterSeconds, headers } = problem.options
    if (status === 401) res.setHeader('WWW-Authenticate', 'Bearer realm="whatsapp-sender"')
    if (retryAfterSeconds !== undefined) res.setHeader('Retry-After', Math.max(1, Math.ceil(retryAfterSeconds)))
    for (const [name, value] of Object.entries(headers ?? {})) res.setHeader(name, value)
    res.status(status).type(PROBLEM_TYPE)
    endAnswer(req, res, problemText(problem, { requestId, pagesUrl: o.pagesUrl }))
  }
}

export const PROBLEM_TYPE = 'application/problem+json'

/** The body of the answer. Its `type` is the address of a page that says what to do. */
export function problemText(
  { code, publicMessage, options }: ProblemError,
  { requestId, pagesUrl }: Readonly<{ requestId: string; pagesUrl: string }>,
): string {
  const [status, title] = PROBLEMS[code]
  return JSON.stringify({
    type: `${pagesUrl}${code}`,
    title,
    status,
    code,
    detail: publicMessage,
    ...(options.errors && { errors: options.errors }),
    ...options.members,
    requestId,
    // The clients of the old system look here.
    message: publicMessage,
  })
}

function problemOf(err: unknown): ProblemError {
  if (err instanceof ProblemError) return err
  const status = Number(propertyOf(err, 'status'))
  // Of all that a request says, Express itself reads the path only.
  if (status >= 400 && status < 500) return undecodablePath()
  if (isDatabaseOutage(err)) {
    return new ProblemError('unavailable', 'The database cannot be reached.', { retryAfterSeconds: 5, cause: err })
  }
  return new ProblemError('internal-error', 'The request failed here. The fault has been logged.', { cause: err })
}

function undecodablePath(): ProblemError {
  const fault = { field: 'path', message: 'cannot be decoded' }
  return new ProblemError('invalid-request', `${fault.field}: ${fault.message}`, { errors: [fault] })
}

/** The names of the driver's errors for a server it cannot reach; the driver itself stays in the store. */
const OUTAGES =
  /^Mongo(ServerSelection|Network|NetworkTimeout|NotConnected|Topology|TopologyClosed|PoolCleared|ClientClosed|OperationTimeout|WaitQueueTimeout)/

function isDatabaseOutage(err: unknown): boolean {
  return OUTAGES.test(propertyOf(err, 'name')) || propertyOf(err, 'code') === 'store-unavailable'
}

function propertyOf(err: unknown, name: 'status' | 'name' | 'code'): string {
  if (typeof err !== 'object' || err === null || !(name in err)) return ''
  return String(Reflect.get(err, name))
}
