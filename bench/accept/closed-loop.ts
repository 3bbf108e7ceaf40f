import autocannon from 'autocannon'
import { cpuSecondsOf } from '../system/process-usage.ts'

export type Answered = Readonly<{
  /** Answers with the expected status, per second. */
  perSecond: number
  /** Everything else: other statuses, errors, time-outs. */
  faults: number
  /** Share of a core that the load used, and the broker with it. */
  loadBusy: number
  /** CPU time of the server per answer, all its threads; NaN where it cannot be had. Steadier than `perSecond`. */
  serverMicros: number
  /** Share of a core that the server used: far below 1 it was not the limit. */
  serverBusy: number
}>

const CONNECTIONS = 100

/** Callers, each with its next request as soon as the last is answered with 2xx. */
export async function runClosedLoop(
  o: Readonly<{
    url: string
    serverPid: number
    /** What else works on the load's core meanwhile. */
    besidesPid?: number | undefined
    seconds: number
    /** How many callers; default 100. */
    connections?: number
    requests: readonly autocannon.Request[]
    /** Told of each answer 202; left away it costs the load nothing. */
    onAccepted?(body: string): void
  }>,
): Promise<Answered> {
  const { onAccepted } = o
  const onResponse = onAccepted && ((status: number, body: string) => void (status === 202 && onAccepted(body)))
  const ownBefore = process.cpuUsage()
  const serverBefore = cpuSecondsOf(o.serverPid) ?? Number.NaN
  const besidesBefore = cpuSecondsOf(o.besidesPid) ?? 0
  const result = await autocannon({
    url: o.url,
    connections: o.connections ?? CONNECTIONS,
    duration: o.seconds,
    requests: o.requests.map((request) => ({ ...request, ...(onResponse && { onResponse }) })),
  })
  const own = process.cpuUsage(ownBefore)
  const server = (cpuSecondsOf(o.serverPid) ?? Number.NaN) - serverBefore
  const besides = (cpuSecondsOf(o.besidesPid) ?? 0) - besidesBefore
  return {
    perSecond: result['2xx'] / result.duration,
    faults: result.non2xx + result.errors + result.timeouts,
    loadBusy: ((own.user + own.system) / 1e6 + besides) / result.duration,
    serverMicros: (server * 1e6) / result['2xx'],
    serverBusy: server / result.duration,
  }
}
