import { type Breaker, createBreaker, type Pass } from './breaker.ts'

/** Whether an Evolution server may be sent to, and who finds out when it may again. */
export type ServerGate = Pick<Breaker, 'lets' | 'begin' | 'ended' | 'fault' | 'isHolding'> &
  Readonly<{
    isShut(): boolean
    stop(): void
  }>

const FIRST_MS = 500
/** A look costs nothing, so it comes often; a trial costs a message that may have to wait for its outcome. */
const LOOK_MAX_MS = 5000
const TRIAL_MAX_MS = 10_000
/** The instance that is let through may have nothing to send after all, or hang by itself. */
const BEGINS_WITHIN_MS = 1000
const ANSWERS_WITHIN_MS = 5000

/**
 * While the server is shut it is looked at, ever later. A look that is answered proves no more than that it takes
 * connections: then one message goes, and all others only if that is sent.
 */
export function createServerGate({
  now,
  nextPass,
  look,
  onOpen,
  onHolding,
}: Readonly<{
  /** Monotonic, ms. */
  now(): number
  nextPass(): Pass
  /** Asks the server something cheap. */
  look(): Promise<'answered' | 'unanswered'>
  /** All that it held may go, or in a trial whoever asks first. */
  onOpen(): void
  /** `isHolding` has changed. */
  onHolding(): void
}>): ServerGate {
  let looks = 0
  let trials = 0
  let wasHolding = false
  let stopped = false
  let timer: NodeJS.Timeout | undefined

  const moved = (): void => {
    clearTimeout(timer)
    const state = breaker.state()
    if (state === 'open') trials = 0
    if (state === 'shut') {
      looks = 0
      later(() => void lookNow(), Math.min(TRIAL_MAX_MS, FIRST_MS * 2 ** trials))
      trials += 1
    } else if (breaker.tried() === undefined) {
      onOpen()
      if (breaker.tried() === undefined) breaker.passOver()
    } else later(passOver, BEGINS_WITHIN_MS)
    if (breaker.isHolding() === wasHolding) return
    wasHolding = breaker.isHolding()
    onHolding()
  }

  const passOver = (): void => {
    if (breaker.isTrying()) later(breaker.passOver, ANSWERS_WITHIN_MS)
    else breaker.passOver()
  }

  const lookNow = async (): Promise<void> => {
    const seen = await look()
    if (stopped || breaker.state() !== 'shut') return
    if (seen === 'answered') {
      breaker.try()
      return
    }
    later(() => void lookNow(), Math.min(LOOK_MAX_MS, FIRST_MS * 2 ** looks))
    looks += 1
  }

  const later = (work: () => void, ms: number): void => {
    if (!stopped) timer = setTimeout(work, ms)
  }

  const breaker = createBreaker({ now, nextPass, onMoved: moved })

  return {
    lets: breaker.lets,
    begin: breaker.begin,
    ended: breaker.ended,
    fault: breaker.fault,
    isShut: () => breaker.state() === 'shut',
    isHolding: breaker.isHolding,
    stop: () => {
      stopped = true
      clearTimeout(timer)
    },
  }
}
