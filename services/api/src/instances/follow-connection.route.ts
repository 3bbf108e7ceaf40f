import type { RequestHandler } from 'express'
import type { Authenticate } from '../http/authenticate.ts'
import { createEventAnswer } from '../http/event-answer.ts'
import type { OpenStreams } from '../http/open-streams.ts'
import { parseParams } from '../http/parse.ts'
import type { ConnectInstance } from './connect-instance.ts'
import { evolutionProblem } from './evolution-problem.ts'
import type { FollowConnection } from './follow-connection.ts'
import { foundOrRefuse } from './found-or-refuse.ts'
import type { InstanceLookup } from './instance-lookup.ts'
import { InstanceParams } from './instance-params.ts'

/** Starts the login and tells each step of it as server-sent events. */
export function followConnectionRoute(o: {
  authenticate: Authenticate
  instances: InstanceLookup
  connectInstance: ConnectInstance
  followConnection: FollowConnection
  streams: OpenStreams
  streamLimits: Readonly<{ heartbeatMs: number; stallMs: number }>
}): RequestHandler {
  return async (req, res) => {
    const principal = await o.authenticate(req, res, 'instances:manage', 'per-instance')
    const { name } = parseParams(InstanceParams, req)
    const find = () => o.instances.usable(name, principal, 'manage')
    const instance = foundOrRefuse(await find())
    const stream = createEventAnswer(res, { place: o.streams.enter(principal.id), ...o.streamLimits })
    const first = await o.connectInstance(instance)
    if ('failure' in first) throw evolutionProblem(first.failure)
    await o.followConnection(stream, first, async () => {
      const found = await find()
      // Not knowing is no reason to end.
      if (found === 'unknown') return instance
      return found === 'missing' || found.id !== instance.id ? undefined : found
    })
  }
}
