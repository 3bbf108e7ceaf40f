/** What a request that was begun says of the server: it sent, it is at fault, or the answer was about something else. */
export type Verdict = 'sent' | 'fault' | 'neither'

/** Names a request that was begun, so that its answer is not taken for one about a later state of the server. */
export type Pass = number

/**
 * Whether sends of an Evolution server may begin.
 * - `open`: all may. Five faults in a row, or half of at least 20 answers within 10 s, shut it
 * - `shut`: none may, and no answer of a request begun before says anything
 * - `trial`: one message may. If it is sent all may again, if the server is at fault the breaker shuts; an answer about
 *   something else gives the trial to the next. Whoever is slow to begin or to answer makes room for one of another instance
 */
export type Breaker = Readonly<{
  state(): 'open' | 'shut' | 'trial'
  /** The instance that is let through in a trial, when there is one. */
  tried(): string | undefined
  /** Its request has begun. */
  isTrying(): boolean
  /** Shut, or somebody finds out for all. */
  isHolding(): boolean
  /** May a message of this instance go, as far as the server goes? In a trial the first that asks is let through. */
  lets(instance: string): boolean
  /** Right before the request. Undefined: it must not begin. */
  begin(instance: string): Pass | undefined
  ended(pass: Pass, instance: string, verdict: Verdict): void
  /** A fault that was met otherwise than by a send. */
  fault(instance: string): void
  /** Lets one message through: of the instance that met the last fault only when no other asks. */
  try(): void
  /** The instance that was let through is slow: others may ask. When none does: then also those that began nothing. */
  passOver(): void
}>

const FAULTS_IN_A_ROW = 5
const ANSWERS_MIN = 20

export function createBreaker({
  now,
  nextPass,
  onMoved,
}: Readonly<{
  /** Monotonic, ms. */
  now(): number
  /** One that was never given before. */
  nextPass(): Pass
  /** Another state, or another instance that is let through. */
  onMoved(): void
}>): Breaker {
  const answers = createAnswerWindow(now)
  const passedOver = new Set<string>()
  /** Instances with a request on its way in this trial. */
  const trying = new Set<string>()
  let state: 'open' | 'shut' | 'trial' = 'open'
  let pass = nextPass()
  let faultsInARow = 0
  let lastAtFault = ''
  let tried: string | undefined

  const move = (to: typeof state): void => {
    state = to
    pass = nextPass()
    faultsInARow = 0
    answers.clear()
    tried = undefined
    trying.clear()
    passedOver.clear()
    if (to === 'trial') passedOver.add(lastAtFault)
    onMoved()
  }

  const fault = (instance: string): void => {
    lastAtFault = instance
    faultsInARow += 1
    answers.count('fault')
    if (state === 'trial' || faultsInARow >= FAULTS_IN_A_ROW || answers.areMostlyFaults()) move('shut')
  }

  const sent = (): void => {
    faultsInARow = 0
    answers.count('sent')
    if (state === 'trial') move('open')
  }

  return {
    state: () => state,
    tried: () => tried,
    isTrying: () => tried !== undefined && trying.has(tried),
    isHolding: () => state === 'shut' || tried !== undefined || trying.size > 0,
    lets: (instance) => {
      if (state !== 'trial') return state === 'open'
      if (tried === undefined && !passedOver.has(instance)) {
        tried = instance
        onMoved()
      }
      return tried === instance && !trying.has(instance)
    },
    begin: (instance) => {
      if (state === 'open') return pass
      if (state !== 'trial' || tried !== instance || trying.has(instance)) return undefined
      trying.add(instance)
      return pass
    },
    ended: (of, instance, verdict) => {
      if (of !== pass) return
      if (verdict === 'sent') sent()
      else if (verdict === 'fault') fault(instance)
      else if (state === 'trial') move('trial')
    },
    fault: (instance) => {
      if (state === 'open') fault(instance)
    },
    try: () => move('trial'),
    passOver: () => {
      if (state !== 'trial') return
      if (tried !== undefined) passedOver.add(tried)
      else if (passedOver.size === trying.size) return
      else for (const instance of passedOver) if (!trying.has(instance)) passedOver.delete(instance)
      tried = undefined
      onMoved()
    },
  }
}

const SECONDS = 10

/** Answers of the last ten seconds, by the second. */
function createAnswerWindow(now: () => number) {
  const sent = new Uint32Array(SECONDS)
  const faults = new Uint32Array(SECONDS)
  let second = 0

  const forward = (): number => {
    const current = Math.floor(now() / 1000)
    for (let gone = Math.min(SECONDS, current - second); gone > 0; gone--) {
      const at = (current - gone + 1) % SECONDS
      sent[at] = 0
      faults[at] = 0
    }
    second = current
    return current % SECONDS
  }

  return {
    count: (verdict: 'sent' | 'fault'): void => {
      const counts = verdict === 'sent' ? sent : faults
      const at = forward()
      counts[at] = (counts[at] ?? 0) + 1
    },
    areMostlyFaults: (): boolean => {
      const faultsInAll = sum(faults)
      const inAll = faultsInAll + sum(sent)
      return inAll >= ANSWERS_MIN && faultsInAll * 2 >= inAll
    },
    clear: (): void => {
      sent.fill(0)
      faults.fill(0)
    },
  }
}

function sum(counts: Uint32Array): number {
  return counts.reduce((all, each) => all + each, 0)
}
