import { until } from '@whatsapp-sender/sandbox/process/until'
import { type Answered, runClosedLoop } from '../accept/closed-loop.ts'
import type { Sender } from '../accept/sender.ts'
import type { Installation } from '../system/installation.ts'
import { cpuSecondsOf } from '../system/process-usage.ts'
import { startApi, startConsumer } from '../system/programs.ts'

const CONNECTIONS = 20

/** CPU time per message, µs: of the API for accepting it, of a consumer for ingesting and sending it. */
export type Cost = Readonly<{ api: number; consumer: number; messages: number; faults: number }>

type Load = Readonly<{ sender: Sender; env: Readonly<Record<string, string>>; seconds: number }>

/** The same load for an API and a consumer with this environment: first all messages are accepted, then all are sent. */
export async function measureMode(installation: Installation, o: Load): Promise<Cost> {
  const { answered, messages } = await acceptAll(installation, o)
  const rows = installation.store.db.collection('messages')
  const before = await rows.countDocuments({ open: { $exists: false } })
  const consumer = await startConsumer(installation, o.env)
  const startedWith = cpuSecondsOf(consumer.pid) ?? Number.NaN
  const sent = async () => (await rows.countDocuments({ open: { $exists: false } })) - before
  await until('every message is sent', async () => ((await sent()) >= messages ? true : undefined), {
    timeoutMs: 600_000,
    everyMs: 500,
  })
  const consumerSeconds = (cpuSecondsOf(consumer.pid) ?? Number.NaN) - startedWith
  await consumer.stop()
  return {
    api: answered.serverMicros,
    consumer: (consumerSeconds * 1e6) / messages,
    messages,
    faults: answered.faults,
  }
}

async function acceptAll(
  installation: Installation,
  { sender: { bodies, headers }, env, seconds }: Load,
): Promise<Readonly<{ answered: Answered; messages: number }>> {
  const api = await startApi(installation, env)
  let messages = 0
  try {
    const answered = await runClosedLoop({
      url: api.url,
      serverPid: api.pid,
      seconds,
      connections: CONNECTIONS,
      requests: bodies.map((body) => ({ method: 'POST', path: '/v1/messages', headers, body })),
      onAccepted: () => {
        messages += 1
      },
    })
    return { answered, messages }
  } finally {
    await api.stop()
  }
}
