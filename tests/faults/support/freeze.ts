import { setTimeout as wait } from 'node:timers/promises'
import type { FaultRun } from '../fault-run.ts'

/** Until a request that was on its way when its sender froze has reached the gateway. */
const ON_ITS_WAY_MS = 50

/** Stops a consumer where it is: what it had open at the gateway may be sent again. */
export async function freeze(
  run: FaultRun,
  consumer: Readonly<{ pid: number; stop(): Promise<unknown> }>,
): Promise<void> {
  await run.doubling('freeze', async () => {
    process.kill(consumer.pid, 'SIGSTOP')
    await wait(ON_ITS_WAY_MS)
  })
  run.owns(consumer, () => consumer.stop())
}
