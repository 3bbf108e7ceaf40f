import type { Instance } from '@whatsapp-sender/store'
import type { Request, RequestHandler } from 'express'
import { ProblemError } from '../http/problem.ts'
import type { FoundInstance } from '../instances/instance-lookup.ts'
import type { PublishEvolutionEvent } from '../kafka/evolution-event-publisher.ts'
import { EventEnvelope, reduceEvent } from './reduce-event.ts'
import type { WebhookSecrets } from './webhook-secret.ts'

export type ReceivedEvent = 'stored' | 'ignored' | 'refused' | 'failed'

type EventRouteOptions = Readonly<{
  secrets: WebhookSecrets
  findInstance(id: string): FoundInstance | Promise<FoundInstance>
  publish: PublishEvolutionEvent
  /** Keeps another hash of the same secret, so that the key of the first one may go. */
  keepSecretHash(id: string, o: Readonly<{ hash: string; instead: string }>): Promise<unknown>
  onHashNotKept(err: unknown): void
  onEvent(event: ReceivedEvent): void
}>

/** Before the body is read: only an instance of ours may make us parse a megabyte. */
export function authenticateEventRoute(o: EventRouteOptions): RequestHandler {
  return async (req, _res, next) => {
    await instanceOf(o, req)
    next()
  }
}

/**
 * Evolution repeats an event after a 5xx, and never after a 4xx: whatever is our own failure must be a 5xx, and an event
 * is answered 200 only when it is in the log or of no use.
 */
export function receiveEventRoute(o: EventRouteOptions): RequestHandler {
  return async (req, res) => {
    const instance = await instanceOf(o, req)
    const envelope = EventEnvelope.safeParse(req.body)
    if (!envelope.success) throw refused(o, 'invalid-request', 'This is not an event of Evolution API.')
    // The secret decides whose event it is. One that says otherwise is forged or misdirected.
    if (envelope.data.instance !== instance.name) {
      throw refused(o, 'unauthenticated', 'The secret is of another instance than the event.')
    }
    renewHash(o, instance, req)
    const record = reduceEvent(envelope.data, instance, new Date())
    if (record !== undefined && (await o.publish(record)) !== 'published') {
      o.onEvent('failed')
      throw new ProblemError('unavailable', 'The event cannot be stored now.', { retryAfterSeconds: 5 })
    }
    o.onEvent(record === undefined ? 'ignored' : 'stored')
    res.json({ stored: record !== undefined })
  }
}

async function instanceOf(o: EventRouteOptions, req: Request): Promise<Instance> {
  const secret = req.headers['x-webhook-secret']
  const instanceId = typeof secret === 'string' ? o.secrets.instanceIdOf(secret) : undefined
  if (typeof secret !== 'string' || instanceId === undefined) throw wrongSecret(o)
  const instance = await o.findInstance(instanceId)
  // It may be right: it could not be looked up.
  if (instance === 'unknown') {
    throw new ProblemError('unavailable', 'The event cannot be checked now.', { retryAfterSeconds: 5 })
  }
  if (instance === 'missing' || !o.secrets.matches(secret, instance.webhookSecretHash)) throw wrongSecret(o)
  return instance
}

/** Nobody waits for it: the next event tries again. */
function renewHash(o: EventRouteOptions, { id, webhookSecretHash: instead }: Instance, req: Request): void {
  const hash = o.secrets.renewed(String(req.headers['x-webhook-secret']), instead)
  if (hash !== undefined) o.keepSecretHash(id, { hash, instead }).catch(o.onHashNotKept)
}

function wrongSecret(o: EventRouteOptions): ProblemError {
  return refused(o, 'unauthenticated', 'The webhook secret is missing or wrong.')
}

function refused(o: EventRouteOptions, code: 'unauthenticated' | 'invalid-request', why: string): ProblemError {
  o.onEvent('refused')
  return new ProblemError(code, why)
}
