import {
  calendarDay,
  capOfDay,
  DEFAULT_EVOLUTION_SERVER,
  type InstanceState,
  type Pace,
  type PaceFacts,
  type RetryPolicy,
} from '@whatsapp-sender/contract'
import { accessOf, type Instance } from '@whatsapp-sender/store'
import { type Conditions, holdingOf } from './instance-conditions.ts'

/** What holds for an instance that has no settings of its own. */
export type InstanceDefaults = Readonly<{ pace: Pace; retry: RetryPolicy }>

/** `stateStale`: Evolution could not be asked; this is the last that was known. */
export function instanceView(
  instance: Instance,
  o: Readonly<{
    defaults: InstanceDefaults
    /** Who is shown it; the owner when not said. */
    viewer?: string
    live?: Readonly<{ state: InstanceState; stateStale?: true }>
    conditions?: Conditions | undefined
    now?: number
  }>,
) {
  const { name, owner, number, paused, configurationError, createdAt } = instance
  const state = o.live?.state ?? instance.state
  const pace = instance.pace ?? o.defaults.pace
  return {
    name,
    owner,
    ...(o.viewer !== undefined && o.viewer !== owner && { access: accessOf(instance, o.viewer) }),
    ...(number !== undefined && { number }),
    ...placeView(instance),
    ...stateView(instance, o.live),
    pace,
    retry: instance.retry ?? o.defaults.retry,
    checkNumber: instance.checkNumber ?? 'never',
    paused,
    ...(instance.managedBy !== undefined && { managedBy: instance.managedBy }),
    ...conditionsView({ ...instance, state }, pace, o),
    ...(configurationError !== undefined && { configurationError }),
    createdAt,
  }
}

function placeView({ channel, evolutionServer = DEFAULT_EVOLUTION_SERVER }: Instance) {
  return { kind: channel === 'sandbox' ? 'sandbox' : 'whatsapp', channel, evolutionServer }
}

function stateView({ qrNeededAt, ...known }: Instance, live?: Readonly<{ state: InstanceState; stateStale?: true }>) {
  const { state } = live ?? known
  return {
    state,
    ...(live?.stateStale && { stateStale: true }),
    ...(state !== 'open' && qrNeededAt !== undefined && { qrNeededAt }),
  }
}

function conditionsView(
  instance: Instance,
  pace: Pace,
  { conditions, now = Date.now() }: Readonly<{ conditions?: Conditions | undefined; now?: number }>,
) {
  const holding = holdingOf(instance, { pace, conditions, now })
  const today = conditions && todayOf(pace, conditions.paceFacts.get(instance.id), now)
  return { ...(holding && { holding }), ...(today && { today }) }
}

/** How much of the day's caps is used, as far as there are caps: what the sender has set aside counts as used. */
function todayOf(pace: Pace, facts: PaceFacts | undefined, now: number) {
  const day = calendarDay(now, pace.timeZone)
  const cap = capOfDay(pace, day, facts?.warmUpFrom)
  const { newContactsPerDay } = pace
  if (cap === undefined && newContactsPerDay === undefined) return undefined
  const isToday = facts?.day === day
  return {
    day,
    ...(cap !== undefined && { used: isToday ? facts.reserved : 0, cap }),
    ...(newContactsPerDay !== undefined && {
      newContactsUsed: isToday ? facts.newReserved : 0,
      newContactsCap: newContactsPerDay,
    }),
  }
}
