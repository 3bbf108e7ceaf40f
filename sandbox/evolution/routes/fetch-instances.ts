import { PROFILE_NAME } from '../connections.ts'
import { errorAnswer, unauthorized } from '../error-bodies.ts'
import type { Answer } from '../http/answer.ts'
import type { Call } from '../http/router.ts'
import type { EvolutionInstance, InstanceRegistry } from '../instances.ts'
import { databaseDownAtGuard } from '../prisma-error.ts'
import type { Surroundings } from '../surroundings.ts'

type FetchParts = Readonly<{ instances: InstanceRegistry; surroundings: Surroundings }>

/** `GET /instance/fetchInstances`: all for the global key, its own for a token. Like the real one it shows the tokens. */
export function fetchInstances(parts: FetchParts, call: Call): Answer {
  if (parts.surroundings.databaseIsDown) return databaseDownAtGuard
  const all = parts.instances.all()
  const isGlobal = call.apiKey === parts.surroundings.globalKey
  const visible = isGlobal ? all : all.filter(({ token }) => token === call.apiKey)
  if (visible.length === 0 && !isGlobal) return unauthorized
  const wanted = { name: call.query.get('instanceName'), id: call.query.get('instanceId') }
  const number = call.query.get('number')
  const found = visible.filter(
    (instance) =>
      (wanted.name === null || instance.name === wanted.name) &&
      (wanted.id === null || instance.id === wanted.id) &&
      (number === null || instance.number === number),
  )
  if (found.length === 0 && wanted.name !== null) return errorAnswer(404, [`Instance "${wanted.name}" not found`])
  return { status: 200, body: found.map(instanceRow) }
}

function instanceRow(instance: EvolutionInstance) {
  return {
    id: instance.id,
    name: instance.name,
    // The database's word, which hears of an open connection and of no attempt at one.
    connectionStatus: instance.connection === 'open' ? 'open' : 'close',
    ownerJid: instance.ownerJid,
    profileName: instance.ownerJid === null ? null : PROFILE_NAME,
    profilePicUrl: null,
    integration: instance.integration,
    number: instance.number,
    businessId: instance.businessId,
    token: instance.token,
    clientName: 'evolution',
    disconnectionReasonCode: instance.disconnection?.reasonCode ?? null,
    disconnectionObject: instance.disconnection?.object ?? null,
    disconnectionAt: instance.disconnection?.at ?? null,
    createdAt: instance.createdAt,
    updatedAt: instance.updatedAt,
    Chatwoot: null,
    Proxy: null,
    Rabbitmq: null,
    Nats: null,
    Sqs: null,
    Websocket: null,
    Setting: instance.settings,
    _count: { Message: 0, Contact: 0, Chat: 0 },
  }
}
