import { setTimeout as wait } from 'node:timers/promises'
import type { SendFailure } from '@whatsapp-sender/contract'
import type { Connection } from '@whatsapp-sender/evolution-client'
import type { Instance } from '@whatsapp-sender/store'
import type { EventAnswer } from '../http/event-answer.ts'
import type { ConnectInstance } from './connect-instance.ts'

export type FollowConnection = (
  stream: EventAnswer,
  first: Connection,
  /** The instance as the caller may use it now. */
  find: () => Promise<Instance | undefined>,
) => Promise<void>

type Told = { state?: string; code?: string | undefined; trouble?: string | undefined }

/** About as long as Evolution goes on showing codes; whoever still wants one asks anew. */
const LASTS_MS = 10 * 60_000
const LOOK_EVERY_MS = 1000

/**
 * Tells how an instance is being connected: `state`, each new `qr`, `trouble` when Evolution does not answer, and at last
 * `end` with its reason: `open`, `timeout`, `gone` or `refused`. Evolution is asked each second, because its events reach
 * one process of many.
 */
export function createFollowConnection(o: {
  connectInstance: ConnectInstance
  lastsMs?: number
  lookEveryMs?: number
}): FollowConnection {
  const { lastsMs = LASTS_MS, lookEveryMs = LOOK_EVERY_MS } = o

  return async (stream, first, find) => {
    const endsAt = performance.now() + lastsMs
    const told: Told = {}
    let seen: Connection | { failure: SendFailure } = first
    while (!stream.closed.aborted) {
      const reason = await tell(stream, told, seen)
      if (reason !== undefined) return await end(stream, reason)
      await wait(lookEveryMs, undefined, { signal: stream.closed }).catch(() => {})
      if (performance.now() >= endsAt) return await end(stream, 'timeout')
      const instance = await find()
      if (instance === undefined) return await end(stream, 'gone')
      seen = await o.connectInstance(instance)
    }
  }
}

/** Why there is nothing more to tell, if so. */
async function tell(
  stream: EventAnswer,
  told: Told,
  seen: Connection | { failure: SendFailure },
): Promise<string | undefined> {
  if ('failure' in seen) {
    const { code, kind } = seen.failure
    if (told.trouble !== code) await stream.send({ event: 'trouble', data: { evolutionCode: code } })
    told.trouble = code
    return kind === 'configuration' ? 'refused' : undefined
  }
  told.trouble = undefined
  const { state } = seen
  if (told.state !== state) await stream.send({ event: 'state', data: { state } })
  told.state = state
  if (state === 'open') return 'open'
  const { qr, pairingCode } = seen
  const code = qr?.code ?? pairingCode
  if (code !== undefined && code !== told.code) await stream.send({ event: 'qr', data: { qr, pairingCode } })
  told.code = code
  return undefined
}

async function end(stream: EventAnswer, reason: string): Promise<void> {
  await stream.send({ event: 'end', data: { reason } })
  stream.end()
}
