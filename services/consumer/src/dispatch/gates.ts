import type { InstanceState, SendFailure, SendResult } from '@whatsapp-sender/contract'
import type { Pass, Verdict } from './breaker.ts'
import type { Clock } from './clock.ts'
import { createServerGate, type ServerGate } from './server-gate.ts'

/** Answer of a look at an instance: its state, or why none could be had. */
export type Sighting = Readonly<{ state: InstanceState | 'loading' }> | Readonly<{ failure: SendFailure }>

export type Gates = Readonly<{
  isOpen(instance: string): boolean
  /** Right before a request. Undefined: it must not begin. */
  begin(instance: string): Pass | undefined
  /** What a request that was begun says of the instance and of the server. */
  onResult(instance: string, result: SendResult, pass: Pass): void
  /** Servers that are seen to send nothing, while somebody here finds out when they do again. */
  serversDown(): string[]
  /** The instance's server is one of these. */
  isServerDown(instance: string): boolean
  /** The instances that are this process's. */
  mine(): Readonly<{ instance: string; isOpen: boolean }>[]
  /** How many of them are shut. */
  shut(): number
  /** Somebody says that the instance may have changed. */
  check(instance: string): void
  forget(instance: string): void
  /** Leaves what belongs to others to them: nothing of it is looked at any more. */
  forgetForeign(): void
  stop(): void
}>

/**
 * - `tries`: looks since a message was last sent
 * - `faulty`: set up wrongly in a way that no look shows, only a send
 */
type Gate = { open: boolean; tries: number; faulty: boolean; timer: NodeJS.Timeout | undefined; looking: boolean }

const LOOK_FIRST_MS = 500
const LOOK_MAX_MS = 30_000
const UNAUTHORIZED = 'unauthorized'
const SEEN_BY_SENDS: ReadonlySet<string> = new Set(['meta-access-refused', 'setup-refused'])

/**
 * Per instance a gate that is shut while it is not connected, and one for each Evolution server. What is behind a shut
 * gate waits and loses no attempt; a look at the live state opens it.
 */
export function createGates({
  serverOf,
  look,
  canLook,
  isKnownOpen,
  isMine,
  clock,
  onOpen,
  onServerMoved,
  onMoved,
}: Readonly<{
  /** Name of the Evolution server that an instance is at. */
  serverOf(instance: string): string
  look(instance: string): Promise<Sighting>
  /** Can Evolution be asked about it at all? */
  canLook(instance: string): boolean
  /** The state the instance was last seen in; a first look is taken at once when it is not open. */
  isKnownOpen(instance: string): boolean
  isMine(instance: string): boolean
  clock: Pick<Clock, 'monotonic'>
  /** Undefined: a server, so all its instances. */
  onOpen(instance: string | undefined): void
  /** A server sends nothing any more, or does again. */
  onServerMoved(server: string): void
  /** The state an instance was seen in, or why it cannot be used as it is set up. */
  onMoved(instance: string, seen: Readonly<{ state?: InstanceState; configurationError?: string | undefined }>): void
}>): Gates {
  const gates = new Map<string, Gate>()
  const servers = new Map<string, ServerGate>()
  const nextPass = passes()
  let stopped = false

  const gateOf = (instance: string): Gate => {
    const known = gates.get(instance)
    if (known !== undefined) return known
    const gate: Gate = { open: isKnownOpen(instance), tries: 0, faulty: false, timer: undefined, looking: false }
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
    gate.timer = undefined
    // It is looked at when the server is back.
    if (serverGateOf(instance).isShut()) return
    if (!mayLook(instance)) {
      if (!gate.open) lookAgain(instance, gate)
      return
    }
    const seen = await lookAt(instance, gate)
    if ('failure' in seen && seen.failure.ofServer) {
      serverGateOf(instance).fault(instance)
      gate.tries = 0
    }
    if (gates.get(instance) === gate) move(instance, gate, seen)
  }

  const lookAt = async (instance: string, gate: Gate): Promise<Sighting> => {
    gate.looking = true
    const seen = await look(instance)
    gate.looking = false
    return seen
  }

  const move = (instance: string, gate: Gate, seen: Sighting): void => {
    if ('state' in seen && seen.state === 'open') open(instance, gate)
    else shut(instance, gate, seen)
  }

  const open = (instance: string, gate: Gate): void => {
    clearTimeout(gate.timer)
    gate.timer = undefined
    onMoved(instance, { state: 'open', ...(!gate.faulty && { configurationError: undefined }) })
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

  const sent = (instance: string): void => {
    const gate = gates.get(instance)
    if (gate === undefined) return
    gate.tries = 0
    if (gate.faulty) onMoved(instance, { configurationError: undefined })
    gate.faulty = false
  }

  const failed = (instance: string, failure: SendFailure): void => {
    const { kind, code } = failure
    if ((kind !== 'instance-down' && kind !== 'configuration') || !isMine(instance)) return
    const gate = gateOf(instance)
    gate.faulty ||= SEEN_BY_SENDS.has(code)
    gate.open = false
    // With its database away Evolution refuses keys that are right: a look finds out.
    if (kind === 'configuration' && code !== UNAUTHORIZED) onMoved(instance, { configurationError: code })
    lookAgain(instance, gate)
  }

  const at = (server: string): string[] => [...gates.keys()].filter((instance) => serverOf(instance) === server)

  /** Each time through the next one: a single one may hang. */
  const lastAsked = new Map<string, string>()
  const lookThroughNext = async (server: string): Promise<'answered' | 'unanswered'> => {
    const instances = at(server)
    const first = instances.indexOf(lastAsked.get(server) ?? '') + 1
    const instance = [...instances.slice(first), ...instances.slice(0, first)].find(mayLook)
    const gate = instance === undefined ? undefined : gates.get(instance)
    if (instance === undefined || gate === undefined) return 'unanswered'
    lastAsked.set(server, instance)
    const seen = await lookAt(instance, gate)
    if ('failure' in seen && seen.failure.ofServer) return 'unanswered'
    if (gates.get(instance) === gate && !stopped) move(instance, gate, seen)
    return 'answered'
  }

  const serverGateOf = (instance: string): ServerGate => {
    const name = serverOf(instance)
    const known = servers.get(name)
    if (known !== undefined) return known
    const server = createServerGate({
      now: clock.monotonic,
      nextPass,
      look: () => lookThroughNext(name),
      onOpen: () => {
        for (const each of at(name)) {
          const gate = gates.get(each)
          if (gate !== undefined && !gate.open && gate.timer === undefined) lookAgain(each, gate)
        }
        onOpen(undefined)
      },
      onHolding: () => onServerMoved(name),
    })
    servers.set(name, server)
    return server
  }

  const isDown = (server: string): boolean => servers.get(server)?.isHolding() === true && at(server).some(mayLook)

  const mine = (): { instance: string; isOpen: boolean }[] =>
    [...gates].flatMap(([instance, gate]) => (isMine(instance) ? { instance, isOpen: gate.open } : []))

  const forget = (instance: string): void => {
    clearTimeout(gates.get(instance)?.timer)
    gates.delete(instance)
  }

  return {
    // The server last: in a trial it lets through whoever asks, so that one has to lack nothing else.
    isOpen: (instance) => gateOf(instance).open && serverGateOf(instance).lets(instance),
    begin: (instance) => serverGateOf(instance).begin(instance),
    onResult: (instance, result, pass) => {
      serverGateOf(instance).ended(pass, instance, verdictOf(result))
      if (result.kind === 'sent') sent(instance)
      else failed(instance, result.failure)
    },
    serversDown: () => [...servers.keys()].filter(isDown),
    isServerDown: (instance) => isDown(serverOf(instance)),
    mine,
    shut: () => mine().filter(({ isOpen }) => !isOpen).length,
    check: (instance) => {
      const gate = gateOf(instance)
      clearTimeout(gate.timer)
      gate.tries = 0
      void lookNow(instance)
    },
    forget,
    forgetForeign: () => {
      for (const instance of [...gates.keys()]) if (!isMine(instance)) forget(instance)
    },
    stop: () => {
      stopped = true
      for (const server of servers.values()) server.stop()
      for (const gate of gates.values()) clearTimeout(gate.timer)
    },
  }
}

/** No two of any server are the same: what was begun at one, and ends when the instance is gone, says nothing of another. */
function passes(): () => Pass {
  let last: Pass = 0
  return () => {
    last += 1
    return last
  }
}

function verdictOf(result: SendResult): Verdict {
  if (result.kind === 'sent') return 'sent'
  return result.failure.ofServer ? 'fault' : 'neither'
}
