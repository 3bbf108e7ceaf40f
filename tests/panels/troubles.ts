import { setTimeout as wait } from 'node:timers/promises'
import { RECORD_VERSION } from '@whatsapp-sender/contract'
import type { System } from '../support/system.ts'
import { openTopic, recordOf } from '../support/topic.ts'
import type { DemoSystem } from './demo-system.ts'

type Trouble = Readonly<{
  /** The part of the whole time after which it begins. */
  at: number
  what: string
  have(demo: DemoSystem): Promise<unknown>
}>

/** Longer than a lease holds: what it was sending is taken over. */
const FROZEN_MS = 30_000
/** Two scrapes and more. */
const AWAY_MS = 20_000

/** One after the other, for each lets the panels show another thing; the last is not over when the time is. */
const TROUBLES: readonly Trouble[] = [
  { at: 0.05, what: 'a third consumer freezes, goes on, and ends', have: comeAndGo },
  { at: 0.3, what: 'the phones of an instance log out', have: logOut },
  { at: 0.35, what: 'Evolution API is away', have: loseEvolution },
  { at: 0.45, what: 'the broker is killed', have: loseBroker },
  { at: 0.55, what: 'MongoDB stands still', have: freezeDatabase },
  { at: 0.65, what: 'the API is away', have: loseApi },
  { at: 0.75, what: 'the API server of Kubernetes is away', have: loseApiServer },
  { at: 0.85, what: 'records come that are no messages, and one of a later version', have: poison },
]

export async function haveTroubles(demo: DemoSystem, seconds: number, tell: (what: string) => void): Promise<void> {
  const begun = performance.now()
  for (const { at, what, have } of TROUBLES) {
    await wait(Math.max(0, begun + at * seconds * 1000 - performance.now()))
    tell(what)
    await have(demo)
  }
}

async function comeAndGo({ system }: DemoSystem): Promise<void> {
  const third = await system.startConsumer()
  await wait(AWAY_MS)
  process.kill(third.pid, 'SIGSTOP')
  await wait(FROZEN_MS)
  process.kill(third.pid, 'SIGCONT')
  await wait(AWAY_MS)
  await third.stop()
}

async function logOut({ system }: DemoSystem): Promise<void> {
  await system.gateway.setState('support', 'close')
  await wait(AWAY_MS)
  await system.gateway.setState('support', 'open')
}

async function loseEvolution({ system }: DemoSystem): Promise<void> {
  await system.gatewayProcess().stop()
  await wait(AWAY_MS)
  await system.startGateway()
}

async function loseBroker({ broker }: DemoSystem): Promise<void> {
  await broker.kill()
  await wait(AWAY_MS)
  await broker.restart()
}

async function freezeDatabase({ database }: DemoSystem): Promise<void> {
  process.kill(database.pid, 'SIGSTOP')
  await wait(AWAY_MS)
  process.kill(database.pid, 'SIGCONT')
}

async function loseApi({ system }: DemoSystem): Promise<void> {
  await system.api().stop()
  await wait(AWAY_MS)
  await system.startApi()
}

/**
 * Meanwhile a phone logs out, which the operator cannot say. It stands for no election: it would end when it cannot renew
 * its lease, and nothing here starts it again.
 */
async function loseApiServer({ operated, system }: DemoSystem): Promise<void> {
  await operated.plane.restartApiServer(async () => {
    await system.gateway.setState('shop', 'close')
    await wait(2 * AWAY_MS)
  })
  await system.gateway.setState('shop', 'open')
}

async function poison({ system }: DemoSystem): Promise<void> {
  const topic = await openTopic(system)
  try {
    const [owner, instance] = [await ownerOf(system, 'market'), 'market']
    const { record } = recordOf({ ...owner, instance })
    await topic.publish([
      { key: instance, value: 'no message' },
      { key: instance, value: '{"v":1}' },
      { key: instance, value: JSON.stringify({ ...record, v: RECORD_VERSION + 1 }) },
    ])
  } finally {
    await topic.close()
  }
}

async function ownerOf({ store }: System, name: string) {
  const instance = await store.instances.findByName(name)
  if (instance === undefined || instance === null) throw new Error(`there is no ${name}`)
  return { user: instance.owner, instanceId: instance.id }
}
