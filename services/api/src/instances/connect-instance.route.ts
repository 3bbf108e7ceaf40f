import type { Connection } from '@whatsapp-sender/evolution-client'
import type { Request, RequestHandler } from 'express'
import { z } from 'zod'
import type { Authenticate } from '../http/authenticate.ts'
import { parseParams, parseQuery } from '../http/parse.ts'
import { ProblemError } from '../http/problem.ts'
import type { ConnectInstance } from './connect-instance.ts'
import { ConnectionFormat, drawConnection, FORMAT_OF_TYPE } from './connection-formats.ts'
import { evolutionProblem } from './evolution-problem.ts'
import { foundOrRefuse } from './found-or-refuse.ts'
import type { InstanceLookup } from './instance-lookup.ts'
import { InstanceParams } from './instance-params.ts'

export const ConnectQuery = z.strictObject({ format: ConnectionFormat.optional() })

export function connectInstanceRoute(o: {
  authenticate: Authenticate
  instances: InstanceLookup
  connectInstance: ConnectInstance
}): RequestHandler {
  return async (req, res) => {
    const principal = await o.authenticate(req, res, 'instances:manage', 'per-instance')
    const { name } = parseParams(InstanceParams, req)
    const format = parseQuery(ConnectQuery, req).format ?? formatAsked(req)
    const instance = foundOrRefuse(await o.instances.usable(name, principal, 'manage'))
    if (format === 'pairing-code' && instance.number === undefined) throw withoutNumber()
    const connection = await o.connectInstance(instance)
    if ('failure' in connection) throw evolutionProblem(connection.failure)
    res.set('Cache-Control', 'no-store').vary('Accept')
    if (format === 'json') return void res.json(connection)
    const { type, body } = await drawnOrRefuse(connection, format)
    res.type(type).send(body)
  }
}

/** What is not known is answered as JSON. */
function formatAsked(req: Request): ConnectionFormat {
  const type = req.accepts([...FORMAT_OF_TYPE.keys()])
  return (typeof type === 'string' ? FORMAT_OF_TYPE.get(type) : undefined) ?? 'json'
}

function withoutNumber(): ProblemError {
  const message = 'a pairing code needs an instance that was made with its number'
  return new ProblemError('invalid-request', `format: ${message}`, { errors: [{ field: 'format', message }] })
}

async function drawnOrRefuse(connection: Connection, format: Exclude<ConnectionFormat, 'json'>) {
  if (connection.state === 'open') {
    throw new ProblemError('instance-connected', 'It has its phone. There is no code to scan.')
  }
  const drawn = await drawConnection(connection, format)
  if (drawn !== undefined) return drawn
  throw new ProblemError('unavailable', 'WhatsApp has given no code yet.', { retryAfterSeconds: 2 })
}
