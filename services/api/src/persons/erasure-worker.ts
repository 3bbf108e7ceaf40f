import { randomUUID } from 'node:crypto'
import type { Part } from '@whatsapp-sender/service-runtime'
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
  let timer: NodeJS.Timeout | undefined
  let isStopped = true
  let isAsked = false
  let working: Promise<void> | undefined

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

  const run = async (): Promise<void> => {
    isAsked = false
    const pauseMs = await work().catch((err: unknown) => {
      o.onFailed(err)
      return LOOK_EVERY_MS
    })
    working = undefined
    if (!isStopped) timer = setTimeout(next, isAsked ? 0 : pauseMs)
  }
  const next = (): void => {
    working = run()
  }

  return {
    name: 'erasures',
    look: () => {
      isAsked = true
      if (isStopped || working !== undefined) return
      clearTimeout(timer)
      next()
    },
    start: async () => {
      isStopped = false
      next()
    },
    stop: async () => {
      isStopped = true
      clearTimeout(timer)
      await working
    },
  }
}
