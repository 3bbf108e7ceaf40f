import { randomUUID } from 'node:crypto'
import { createLoop, type Part } from '@whatsapp-sender/service-runtime'
import type { ErasureStep, HeldErasure, PersonErasures } from '@whatsapp-sender/store'

/** Does what erasures were ordered, beside the requests. */
export type ErasureWorker = Part & Readonly<{ look(): void }>

/** Somebody else may have ordered one, or have died over it. */
const LOOK_EVERY_MS = 5000
/** What an erasure waits for has often happened by then. */
const LOOK_AGAIN_MS = 1000

/** Any number of processes may: each order is held by one of them, step by step, and another goes on when that one dies. */
export function createErasureWorker(o: {
  erasures: Pick<PersonErasures, 'hold' | 'note' | 'release'>
  step(erasure: HeldErasure): Promise<ErasureStep>
  onFailed(err: unknown): void
}): ErasureWorker {
  const holder = randomUUID()
  let isStopped = true

  /** Answers the pause until the next look, ms. */
  async function work(): Promise<number> {
    const held = await o.erasures.hold(holder)
    if (held === undefined) return LOOK_EVERY_MS
    try {
      return await goOn(held)
    } finally {
      await o.erasures.release(held.id, holder)
    }
  }

  async function goOn(held: HeldErasure): Promise<number> {
    let erasure = held
    while (!isStopped) {
      const { change, wait } = await o.step(erasure)
      if (!(await o.erasures.note(erasure.id, holder, change)) || change.stage === 'done') return 0
      if (wait) return LOOK_AGAIN_MS
      erasure = { ...erasure, ...change }
    }
    return LOOK_EVERY_MS
  }

  const loop = createLoop({ step: work, onError: (err) => o.onFailed(err), afterFailureMs: LOOK_EVERY_MS })

  return {
    name: 'erasures',
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
