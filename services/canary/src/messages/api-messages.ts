import { randomUUID } from 'node:crypto'
import { ApiError, type Client, dataOf } from '@whatsapp-sender/client'
import type { Messages, Trouble } from './follow-message.ts'

/** The canary's messages at the API of a WhatsApp Sender. */
export function createApiMessages({
  api,
  message: { instance, to, text, patienceMs },
  now = () => new Date(),
}: Readonly<{
  api: Client
  message: Readonly<{ instance: string; to: string; text: string; patienceMs: number }>
  now?: () => Date
}>): Messages {
  return {
    send: () =>
      orTrouble(async () => {
        const answer = await dataOf(
          api.POST('/v1/messages', {
            params: { header: { 'Idempotency-Key': `canary-${randomUUID()}` } },
            body: {
              instance,
              to,
              // One text again and again is what WhatsApp takes for spam.
              text: `${text} ${now().toISOString()}`,
              // Whatever holds it up, those that wait are never more than one.
              ttlSeconds: Math.ceil(patienceMs / 1000),
              // Rather one too few than two.
              onAmbiguous: 'hold',
            },
          }),
        )
        if ('id' in answer) return { kind: 'accepted' as const, id: answer.id }
        throw new Error('the API took it for a question')
      }),
    statusOf: async (id) => {
      const found = await orTrouble(async () => {
        const { status } = await dataOf(api.GET('/v1/messages/{id}', { params: { path: { id } } }))
        return { kind: 'status' as const, status }
      })
      const isOnItsWay = found.kind === 'refused' && found.code === 'message-not-found'
      return isOnItsWay ? { kind: 'status', status: 'accepted' } : found
    },
  }
}

async function orTrouble<T>(call: () => Promise<T>): Promise<T | Trouble> {
  try {
    return await call()
  } catch (err) {
    if (!(err instanceof ApiError)) return { kind: 'unreachable', err }
    const { status: httpStatus, code, retryAfterSeconds } = err
    const wait = retryAfterSeconds === undefined ? {} : { retryAfterMs: retryAfterSeconds * 1000 }
    return { kind: 'refused', httpStatus, code, ...wait }
  }
}
