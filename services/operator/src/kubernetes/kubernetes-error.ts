import { z } from 'zod'

const Status = z.looseObject({
  kind: z.literal('Status'),
  code: z.number().optional(),
  reason: z.string().optional(),
  message: z.string().optional(),
  details: z
    .looseObject({
      causes: z
        .array(
          z.looseObject({
            reason: z.string().optional(),
            message: z.string().optional(),
            field: z.string().optional(),
          }),
        )
        .optional(),
      retryAfterSeconds: z.number().optional(),
    })
    .optional(),
})

export type StatusDetails = Readonly<NonNullable<z.infer<typeof Status>['details']>>

/** A request to the Kubernetes API that failed, or could not be made. */
export class KubernetesError extends Error {
  override readonly name = 'KubernetesError'
  readonly code = 'kubernetes'
  /** The HTTP status; 0 when there was no answer. */
  readonly status: number
  /** Kubernetes' own word, such as `Conflict`; without an answer `Unreachable`, or `Timeout` past the time limit. */
  readonly reason: string
  /** `causes` names the fields at fault, and of a conflict the managers that own them. */
  readonly details: StatusDetails

  constructor(o: {
    status: number
    reason: string
    message: string
    details?: StatusDetails | undefined
    cause?: unknown
  }) {
    super(o.message, { cause: o.cause })
    this.status = o.status
    this.reason = o.reason
    this.details = o.details ?? {}
  }
}

/** What an answer that is no success says. `body` is the text of a Status, or whatever stood in between sent. */
export function errorOfAnswer(httpStatus: number, body: string, what: string): KubernetesError {
  const parsed = Status.safeParse(parseJson(body))
  if (!parsed.success) {
    const message = `${what}: HTTP ${httpStatus}`
    return new KubernetesError({ status: httpStatus, reason: 'Unknown', message })
  }
  return errorOfStatus(parsed.data, { httpStatus, what })
}

/** The error that a watch tells in the place of an object. */
export function errorOfWatch(object: unknown, what: string): KubernetesError {
  const parsed = Status.safeParse(object)
  const status = parsed.success ? parsed.data : { kind: 'Status' as const }
  return errorOfStatus(status, { httpStatus: 500, what })
}

/** There was no answer: `cause` tells why. */
export function errorOfNoAnswer(cause: unknown, what: string): KubernetesError {
  const isLate = cause instanceof Error && cause.name.endsWith('TimeoutError')
  const why = cause instanceof Error ? cause.message : String(cause)
  return new KubernetesError({
    status: 0,
    reason: isLate ? 'Timeout' : 'Unreachable',
    message: `${what}: no answer (${why})`,
    cause,
  })
}

export function isNotFound(error: unknown): boolean {
  return error instanceof KubernetesError && error.status === 404
}

export function isConflict(error: unknown): boolean {
  return error instanceof KubernetesError && error.status === 409
}

/** The resource version, or the page of a list, is older than what the server remembers. */
export function isExpired(error: unknown): boolean {
  return error instanceof KubernetesError && error.status === 410
}

function errorOfStatus(
  status: z.infer<typeof Status>,
  { httpStatus, what }: Readonly<{ httpStatus: number; what: string }>,
): KubernetesError {
  return new KubernetesError({
    status: status.code ?? httpStatus,
    reason: status.reason ?? 'Unknown',
    message: `${what}: ${status.message ?? status.reason ?? `HTTP ${httpStatus}`}`,
    details: status.details,
  })
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
