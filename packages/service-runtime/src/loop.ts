/** Steps that follow each other, never two at once, each saying how long until the next. */
export type Loop = Readonly<{
  start(): void
  /** The next step comes now, or right after the one that runs. */
  poke(): void
  /** Resolves when the step that runs has ended. */
  stop(): Promise<void>
}>

const AFTER_FAILURE_MS = 1000

export function createLoop({
  step,
  onError,
  afterFailureMs = AFTER_FAILURE_MS,
}: Readonly<{
  /** Answers the pause until the next step, ms. */
  step(): Promise<number>
  onError(error: unknown): void
  /** The pause after a step that failed. */
  afterFailureMs?: number
}>): Loop {
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> | undefined
  let poked = false
  let stopped = true

  const run = async (): Promise<void> => {
    poked = false
    const pauseMs = await step().catch((error: unknown) => {
      onError(error)
      return afterFailureMs
    })
    running = undefined
    if (!stopped) timer = setTimeout(next, poked ? 0 : pauseMs)
  }
  const next = (): void => {
    running = run()
  }

  return {
    start: () => {
      stopped = false
      next()
    },
    poke: () => {
      poked = true
      if (stopped || running !== undefined) return
      clearTimeout(timer)
      next()
    },
    stop: async () => {
      stopped = true
      clearTimeout(timer)
      await running
    },
  }
}
