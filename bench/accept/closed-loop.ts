import autocannon from 'autocannon'
import { cpuSecondsOf } from '../system/process-usage.ts'

export type Answered = Readonly<{
  /** Answers with the expected status, per second. */
  perSecond: number
  /** Everything else: other statuses, errors, time-outs. */
  faults: number
  /** Share of its core that this process used while it made the load. */
  loadBusy: number
  /** CPU time of the server per answer, all its threads. Steadier than `perSecond` where others use the machine. */
  serverMicros: number | undefined
}>

const CONNECTIONS = 100

/** 100 callers, each with its next request as soon as the last is answered. */
export async function runClosedLoop(
  o: Readonly<{
    url: string
    serverPid: number
    seconds: number
    requests: readonly autocannon.Request[]
    expected: number
    onAnswer?(body: string): void
  }>,
): Promise<Answered> {
  let expected = 0
  const onResponse = (status: number, body: string): void => {
    if (status !== o.expected) return
    expected += 1
    o.onAnswer?.(body)
  }
  const cpuBefore = process.cpuUsage()
  const serverBefore = cpuSecondsOf(o.serverPid)
  const result = await autocannon({
    url: o.url,
    connections: CONNECTIONS,
    duration: o.seconds,
    requests: o.requests.map((request) => ({ ...request, onResponse })),
  })
  const cpu = process.cpuUsage(cpuBefore)
  const serverAfter = cpuSecondsOf(o.serverPid)
  const answered = result['1xx'] + result['2xx'] + result['3xx'] + result['4xx'] + result['5xx']
  return {
    perSecond: expected / result.duration,
    faults: answered - expected + result.errors + result.timeouts,
    loadBusy: (cpu.user + cpu.system) / 1e6 / result.duration,
    serverMicros:
      serverBefore === undefined || serverAfter === undefined
        ? undefined
        : Math.round(((serverAfter - serverBefore) * 1e6) / expected),
  }
}
