import type { TestContext } from 'node:test'
import type { Client } from '../../support/client.ts'
import type { Installation } from './installation.ts'
import { demandNothingLost, startSteadyLoad } from './steady-load.ts'

const PER_SECOND = 30
/** Before and after what is done, so that it happens under load and not at its ends. */
const FLOWING = 5 * PER_SECOND

type Load = Readonly<{
  /** In front of each text. */
  name: string
  instances: readonly string[]
  /** Who posts; the administrator, if nobody else does. */
  client?: Client
}>

/** Posts all the time while something is done, and demands that no message came to harm. */
export async function underLoad(
  t: TestContext,
  installation: Pick<Installation, 'signIn' | 'store' | 'gateway'>,
  { name, instances, client }: Load,
  act: () => Promise<void>,
): Promise<void> {
  const load = startSteadyLoad(client ?? (await installation.signIn()), {
    instances,
    recipients: 2,
    perSecond: PER_SECOND,
    name,
  })
  const began = performance.now()
  try {
    await load.flows(FLOWING)
    await act()
    await load.flows(FLOWING)
  } finally {
    const posted = await load.stop()
    const seconds = Math.round((performance.now() - began) / 1000)
    t.diagnostic(`${await demandNothingLost(installation, posted, name)} in ${seconds} s`)
  }
}
