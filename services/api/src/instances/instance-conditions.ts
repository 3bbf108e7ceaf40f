import {
  DEFAULT_EVOLUTION_SERVER,
  type Pace,
  type PaceFacts,
  type PaceHold,
  paceHoldAt,
} from '@whatsapp-sender/contract'
import type { Instance } from '@whatsapp-sender/store'
import { inTime } from '../in-time.ts'

/** What besides an instance itself decides whether it may send now. */
export type Conditions = Readonly<{
  /** Evolution servers whose breaker is shut in a consumer. */
  evolutionDown: ReadonlySet<string>
  /** Of instances whose pace has something to remember; by instance id. */
  paceFacts: ReadonlyMap<string, PaceFacts>
}>

/** Undefined while the database cannot be asked: then nothing is told of them. */
export type ReadConditions = (instanceIds: readonly string[]) => Promise<Conditions | undefined>

/** What holds all messages of an instance. `until` is left out where nobody can know. */
export type Holding = Readonly<{
  reason: 'paused' | 'instance' | 'breaker' | PaceHold['reason']
  until?: Date
}>

const TIMEOUT_MS = 1000

export function createReadConditions(o: {
  evolutionDown(): Promise<ReadonlySet<string>>
  findPaceFacts(ids: readonly string[]): Promise<ReadonlyMap<string, PaceFacts>>
}): ReadConditions {
  return async (instanceIds) => {
    const asked = Promise.all([o.evolutionDown(), o.findPaceFacts(instanceIds)])
    const answer = await inTime(asked, TIMEOUT_MS)
    if (answer.kind !== 'done') return undefined
    const [evolutionDown, paceFacts] = answer.value
    return { evolutionDown, paceFacts }
  }
}

/** The first that would have to go, of all that holds an instance now. */
export function holdingOf(
  instance: Pick<Instance, 'id' | 'paused' | 'state' | 'configurationError' | 'evolutionServer'>,
  o: Readonly<{ pace: Pace; conditions: Conditions | undefined; now: number }>,
): Holding | undefined {
  if (instance.paused) return { reason: 'paused' }
  if (instance.state !== 'open' || instance.configurationError !== undefined) return { reason: 'instance' }
  const server = instance.evolutionServer ?? DEFAULT_EVOLUTION_SERVER
  if (o.conditions?.evolutionDown.has(server)) return { reason: 'breaker' }
  const hold = paceHoldAt(o.pace, o.conditions?.paceFacts.get(instance.id), o.now)
  return hold && { reason: hold.reason, until: new Date(hold.until) }
}
