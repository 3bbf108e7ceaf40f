import { randomUUID } from 'node:crypto'
import { createLoop, type Part } from '@whatsapp-sender/service-runtime'

/** Does what was ordered, beside the requests. */
export type StepWorker = Part & Readonly<{ look(): void }>

/** `wait`: it cannot go on yet, for something else has to happen first. `isDone`: with this change it is over. */
export type Step<Change> = Readonly<{ change: Change; wait: boolean; isDone: boolean }>

/** Somebody else may have ordered one, or have died over it. */
const LOOK_EVERY_MS = 5000
/** What one waits for has often happened by then. */
const LOOK_AGAIN_MS = 1000
/** Then it is another's turn. */
const STEPS_AT_ONCE = 40

/** Any number of processes may: each order is held by one of them, step by step, and another goes on when that one dies. */
export function createStepWorker<Held extends Readonly<{ id: string }>, Change>(o: {
  name: string
  orders: Readonly<{
    hold(holder: string): Promise<Held | undefined>
    note(id: string, holder: string, change: Change): Promise<boolean>
    release(id: string, holder: string): Promise<void>
  }>
  /** Bounded; doing it twice has to be the same as once. */
  step(held: Held): Promise<Step<Change>>
  onFailed(err: unknown): void
}): StepWorker {
  const holder = randomUUID()
  let isStopped = true

  /** Answers the pause until the next look, ms. */
  async function work(): Promise<number> {
    const held = await o.orders.hold(holder)
    if (held === undefined) return LOOK_EVERY_MS
    try {
      return await goOn(held)
    } finally {
      await o.orders.release(held.id, holder)
    }
  }

  async function goOn(held: Held): Promise<number> {
    let latest = held
    for (let steps = 0; steps < STEPS_AT_ONCE && !isStopped; steps++) {
      const { change, wait, isDone } = await o.step(latest)
      if (!(await o.orders.note(held.id, holder, change)) || isDone) return 0
      if (wait) return LOOK_AGAIN_MS
      latest = { ...latest, ...change }
    }
    return 0
  }

  const loop = createLoop({ step: work, onError: (err) => o.onFailed(err), afterFailureMs: LOOK_EVERY_MS })

  return {
    name: o.name,
    look: loop.poke,
    start: async () => {
      isStopped = false
      loop.start()
    },
    stop: async () => {
      isStopped = true
      await loop.stop()
    },
  }
}
