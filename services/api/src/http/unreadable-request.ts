import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { PROBLEM_TYPE, type ProblemCode, ProblemError, problemText } from './problem.ts'
import type { NextRequestId } from './request-id.ts'

/** Of a request that cannot be read, not even its own id can: it gets one of ours. */
export type UnreadableRequest = Readonly<{ requestId: string; code: ProblemCode; why: string }>

/** Answers what Node could not read as a request, in the form of every other refusal, and ends the connection. */
export function createRefuseUnreadable(o: {
  nextId: NextRequestId
  pagesUrl: string
  /** Node says once that the time of a request is over, and leaves it to us what follows. */
  mayTakeLonger(socket: Duplex): boolean
  onRefused(request: UnreadableRequest): void
}): (err: Error & { code?: string }, socket: Duplex) => void {
  return (err, socket) => {
    if (err.code === TOO_LATE && o.mayTakeLonger(socket)) return
    if (!socket.writable || err.code === 'ECONNRESET' || isAnswering(socket)) {
      socket.destroy()
      return
    }
    const requestId = o.nextId()
    const problem = problemOf(err.code)
    o.onRefused({ requestId, code: problem.code, why: err.code ?? err.name })
    socket.end(answerText(problem, { requestId, pagesUrl: o.pagesUrl }), () => socket.destroy())
  }
}

function answerText(problem: ProblemError, which: Parameters<typeof problemText>[1]): string {
  const { requestId } = which
  const body = problemText(problem, which)
  const head = [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? ''}`,
    `Content-Type: ${PROBLEM_TYPE}; charset=utf-8`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    `Request-Id: ${requestId}`,
    `X-Request-Id: ${requestId}`,
    'Cache-Control: no-store',
    'Connection: close',
  ]
  return `${head.join('\r\n')}\r\n\r\n${body}`
}

function problemOf(code = ''): ProblemError {
  const [problem, why] = FAULTS[code] ?? ['invalid-request', 'This is not a request in HTTP/1.1.']
  return new ProblemError(problem, why)
}

const TOO_LATE = 'ERR_HTTP_REQUEST_TIMEOUT'

const FAULTS: Readonly<Record<string, readonly [ProblemCode, string]>> = {
  [TOO_LATE]: ['request-timeout', 'The request did not arrive in time.'],
  HPE_HEADER_OVERFLOW: ['headers-too-large', 'The headers are larger than 16 KB.'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: ['too-large', 'The chunk extensions are larger than 16 KB.'],
}

/** Node keeps the open answer of a socket there and has no other way to ask; a second answer within one would be read as its text. */
function isAnswering(socket: Duplex): boolean {
  const open: unknown = Reflect.get(socket, '_httpMessage')
  return typeof open === 'object' && open !== null && Reflect.get(open, 'headersSent') === true
}
