import type { InstanceState, SendFailure } from '@whatsapp-sender/contract'
import type { Clock } from './clock.ts'

/** Answer of a look at an instance: its state, or why none could be had. */
export type Sighting = Readonly<{ state: InstanceState | 'loading' }> | Readonly<{ failure: SendFailure }>

export type Gates = Readonly<{
  isOpen(instance: string): boolean
  /** Seen to be away, and somebody here finds out when it is back. */
  isServerDown(): boolean
  /** An answer to a send said something about the instance or the server. */
  onFailure(instance: string, failure: SendFailure): void
  /** Somebody says that the instance may have changed. */
  check(instance: string): void
  forget(instance: string): void
  /** Leaves what belongs to others to them: nothing of it is looked at any more. */
  forgetForeign(): void
  stop(): void
}>

type Gate = { open: boolean; tries: number; timer: NodeJS.Timeout | undefined; looking: boolean }

const LOOK_FIRST_MS = 500
const LOOK_MAX_MS = 30_000
const SERVER_LOOK_MAX_MS = 5000
/** WhatsApp's own rate limit names no time. */
const SILENCE_MS = 60_000

/**
 * Per instance a gate that is shut while it is not connected, and one for the server while it takes no connections.
 * What is behind a shut gate waits and loses no attempt; only a look at the live state opens it.
 */
export function createGates({
  look,
  canLook,
  isKnownOpen,
  isMine,
  clock,
  onOpen,
  onServerMoved,
  onMoved,
}: Readonly<{
  look(instance: string): Promise<Sighting>
  /** Can Evolution be asked about it at all? */
  canLook(instance: string): boolean
  /** The state the instance was last seen in; a first look is taken at once when it is not open. */
  isKnownOpen(instance: string): boolean
  isMine(instance: string): boolean
  clock: Pick<Clock, 'monotonic'>
  /** Undefined: the server, so all instances. */
  onOpen(instance: string | undefined): void
  /** The server went away or came back. */
  onServerMoved(): void
  /** The state an instance was seen in, or why it cannot be used as it is set up. */
  onMoved(instance: string, seen: Readonly<{ state?: InstanceState; configurationError?: string | undefined }>): void
}>): Gates {
  const gates = new Map<string, Gate>()
  /** Until when an instance was told to be silent: true of it, whoever it belongs to meanwhile. */
  const silentUntil = new Map<string, number>()
  let server: Gate = newGate(true)
  let stopped = false

  const gateOf = (instance: string): Gate => {
    const known = gates.get(instance)
    if (known !== undefined) return known
    const gate = newGate(isKnownOpen(instance))
    gates.set(instance, gate)
    if (!gate.open) setImmediate(() => void lookNow(instance))
    return gate
  }

  const mayLook = (instance: string): boolean => isMine(instance) && canLook(instance)

  const lookAgain = (instance: string, gate: Gate): void => {
    if (stopped || gate.looking) return
    const delayMs = Math.min(LOOK_MAX_MS, LOOK_FIRST_MS * 2 ** gate.tries)
    gate.tries += 1
    clearTimeout(gate.timer)
    gate.timer = setTimeout(() => void lookNow(instance), delayMs)
  }

  const lookNow = async (instance: string): Promise<void> => {
    const gate = gates.get(instance)
    if (stopped || gate === undefined || gate.looking) return
    if (!mayLook(instance)) {
      if (!gate.open) lookAgain(instance, gate)
      return
    }
    gate.looking = true
    const seen = await look(instance)
    gate.looking = false
    if ('failure' in seen && seen.failure.kind === 'server-down') return shutServer(instance)
    openServer()
    if (gates.get(instance) !== gate) return
    if ('state' in seen && seen.state === 'open') open(instance, gate)
    else shut(instance, gate, seen)
  }

  const open = (instance: string, gate: Gate): void => {
    gate.tries = 0
    clearTimeout(gate.timer)
    onMoved(instance, { state: 'open', configurationError: undefined })
    if (gate.open) return
    gate.open = true
    onOpen(instance)
  }

  const shut = (instance: string, gate: Gate, seen: Sighting): void => {
    gate.open = false
    if ('state' in seen) onMoved(instance, { state: seen.state === 'loading' ? 'close' : seen.state })
    else if (seen.failure.kind === 'configuration') onMoved(instance, { configurationError: seen.failure.code })
    lookAgain(instance, gate)
  }

  const openServer = (): void => {
    if (server.open) return
    clearTimeout(server.timer)
    server = newGate(true)
    onServerMoved()
    // A look that met the server away found out nothing about its instance.
    for (const [instance, gate] of gates) if (!gate.open) lookAgain(instance, gate)
    onOpen(undefined)
  }

  const proberOf = (first: string): string | undefined =>
    [first, ...gates.keys()].find((each) => gates.has(each) && mayLook(each))

  /** One look at a time finds out for all, through the instance that met it first if that can still be asked about. */
  const shutServer = (instance: string): void => {
    if (server.open) {
      server.open = false
      onServerMoved()
    }
    if (stopped || server.looking) return
    server.looking = true
    const delayMs = Math.min(SERVER_LOOK_MAX_MS, LOOK_FIRST_MS * 2 ** server.tries)
    server.tries += 1
    server.timer = setTimeout(() => {
      server.looking = false
      const through = proberOf(instance)
      if (through === undefined) shutServer(instance)
      else void lookNow(through)
    }, delayMs)
  }

  const forget = (instance: string): void => {
    clearTimeout(gates.get(instance)?.timer)
    gates.delete(instance)
  }

  const beSilent = (instance: string, silenceMs: number): void => {
    const until = Math.max(silentUntil.get(instance) ?? 0, clock.monotonic() + silenceMs)
    silentUntil.set(instance, until)
    setTimeout(() => {
      if ((silentUntil.get(instance) ?? 0) <= clock.monotonic()) silentUntil.delete(instance)
      onOpen(instance)
    }, silenceMs + 1).unref()
  }

  return {
    isOpen: (instance) => {
      const gate = gateOf(instance)
      return server.open && gate.open && (silentUntil.get(instance) ?? 0) <= clock.monotonic()
    },
    isServerDown: () => !server.open && [...gates.keys()].some(mayLook),
    onFailure: (instance, failure) => {
      if (isMine(instance)) gateOf(instance)
      if (failure.kind === 'server-down') shutServer(instance)
      else if (failure.kind === 'rate-limited') beSilent(instance, failure.retryAfterMs ?? SILENCE_MS)
      else if (!isMine(instance)) return
      else if (failure.kind === 'instance-down' || failure.kind === 'configuration')
        shut(instance, gateOf(instance), { failure })
    },
    check: (instance) => {
      const gate = gateOf(instance)
      clearTimeout(gate.timer)
      gate.tries = 0
      void lookNow(instance)
    },
    forget: (instance) => {
      forget(instance)
      silentUntil.delete(instance)
    },
    forgetForeign: () => {
      for (const instance of [...gates.keys()]) if (!isMine(instance)) forget(instance)
    },
    stop: () => {
      stopped = true
      for (const gate of [server, ...gates.values()]) clearTimeout(gate.timer)
    },
  }
}

function newGate(open: boolean): Gate {
  return { open, tries: 0, timer: undefined, looking: false }
}
