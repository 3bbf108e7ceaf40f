import { PROBLEMS, type ProblemCode } from '../http/problem.ts'
import { isScope, type Permission } from '../permissions.ts'
import type { Operation, OperationBody } from './operation.ts'

/** Every code that an operation may answer with, in the order of the table of problems. */
export function problemCodesOf(operation: Operation): ProblemCode[] {
  const { caller, body, params, query, headers = [], problems = [] } = operation
  const hasInput = body !== undefined || params !== undefined || query !== undefined || headers.length > 0
  const codes = new Set<ProblemCode>([
    ...EVERYWHERE,
    ...(body === undefined ? [] : ofBody(body)),
    ...(hasInput ? (['invalid-request'] as const) : []),
    ...(caller === 'anybody' ? [] : (['unauthenticated'] as const)),
    ...(caller === 'anybody' || caller === 'evolution' ? [] : ofCaller(caller, operation)),
    ...problems,
  ])
  return PROBLEM_CODES.filter((code) => codes.has(code))
}

const EVERYWHERE = ['request-timeout', 'headers-too-large', 'internal-error', 'unavailable'] as const
function ofBody({ type }: OperationBody): ProblemCode[] {
  return [
    'too-large',
    'unsupported-media-type',
    ...(type === undefined || type === 'application/json' ? (['malformed-json'] as const) : []),
  ]
}

function ofCaller(permission: Permission, { perInstance }: Operation): ProblemCode[] {
  return [
    'forbidden',
    'too-many-requests',
    isScope(permission) ? 'scope-missing' : 'session-required',
    ...(perInstance ? [] : (['key-limited'] as const)),
  ]
}

const PROBLEM_CODES = Object.keys(PROBLEMS).filter((code): code is ProblemCode => Object.hasOwn(PROBLEMS, code))

export function statusOf(code: ProblemCode): number {
  return PROBLEMS[code][0]
}
