import { bareBadRequest } from '../error-bodies.ts'
import type { Answer } from '../http/answer.ts'
import type { Routes } from '../http/router.ts'
import { type EvolutionInstance, type Integration, isInMemory } from '../instances.ts'
import { jidOf } from '../jid.ts'
import { isJsonObject } from '../json.ts'
import type { Messages } from '../messages.ts'
import type { NumberCheck } from '../number-check.ts'

const PAGE_SIZE = 50

export function chatRoutes(o: { numberCheck: NumberCheck; messages: Messages }): Routes {
  return {
    'POST /chat/whatsappnumbers': {
      kind: 'instance',
      handle: (call, instance) => whatsappNumbers(o.numberCheck, instance, call.body),
    },
    'POST /chat/findstatusmessage': {
      kind: 'instance',
      handle: (call, instance) => findStatusMessage(o.messages, instance, call.body),
    },
  }
}

/** This route answers 400 with whatever was thrown, so a broken connection shows as `{}` or as Boom's own object. */
function whatsappNumbers(numberCheck: NumberCheck, instance: EvolutionInstance, body: unknown): Answer {
  const numbers = isJsonObject(body) ? body['numbers'] : undefined
  const fault = numbersFault(numbers)
  if (fault !== undefined) return bareBadRequest([[fault]])
  const without = CHANNELS_WITHOUT.get(instance.integration)
  if (without !== undefined) return bareBadRequest([`Method not available on ${without}`])
  if (!isList(numbers)) return { status: 400, body: {} }
  if (instance.connection !== 'open') {
    return { status: 400, body: instance.hasSocket && isInMemory(instance) ? connectionClosed : {} }
  }
  return {
    status: 200,
    body: numbers.map((number) => {
      const jid = jidOf(String(number))
      return { jid, exists: numberCheck.isOnWhatsApp(jid), number }
    }),
  }
}

/** Channels that know no number check, by the name they give themselves. */
const CHANNELS_WITHOUT: ReadonlyMap<Integration, string> = new Map([
  ['EVOLUTION', 'Evolution Channel'],
  ['WHATSAPP-BUSINESS', 'WhatsApp Business API'],
])

const connectionClosed = {
  data: null,
  isBoom: true,
  isServer: false,
  output: {
    statusCode: 428,
    payload: { statusCode: 428, error: 'Precondition Required', message: 'Connection Closed' },
    headers: {},
  },
}

function numbersFault(numbers: unknown): string | undefined {
  if (!isList(numbers)) return undefined
  if (numbers.length === 0) return 'numbers does not meet minimum length of 1'
  if (numbers.some((number) => typeof number !== 'string')) return '"numbers" must be an array of numeric strings'
  return new Set(numbers).size < numbers.length ? 'numbers contains duplicate item' : undefined
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value)
}

function findStatusMessage(messages: Messages, instance: EvolutionInstance, body: unknown): Answer {
  const query = isJsonObject(body) ? body : {}
  const where = isJsonObject(query['where']) ? query['where'] : {}
  const keyId = typeof where['id'] === 'string' ? where['id'] : ''
  const message = messages.get(keyId)
  const isAsked =
    message !== undefined &&
    message.instanceId === instance.id &&
    (where['remoteJid'] === undefined || where['remoteJid'] === message.remoteJid)
  const rows = isAsked ? message.updates.map((status) => ({ ...statusRow(message), status })) : []
  const size = typeof query['offset'] === 'number' ? query['offset'] : PAGE_SIZE
  const page = typeof query['page'] === 'number' ? query['page'] : 1
  return { status: 200, body: rows.slice((page - 1) * size, page * size) }
}

function statusRow(message: { keyId: string; remoteJid: string; messageId: string; instanceId: string }) {
  const { keyId, remoteJid, messageId, instanceId } = message
  return { keyId, remoteJid, fromMe: true, participant: null, messageId, instanceId }
}
