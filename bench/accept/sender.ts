import { randomBytes } from 'node:crypto'
import { until } from '@whatsapp-sender/sandbox/process/until'
import { z } from 'zod'
import type { RunningApi } from '../system/programs.ts'
import { recipientAt } from '../system/recipients.ts'
import { logIn, type RestClient, restClient } from '../system/rest-client.ts'

const INSTANCES = 20
const RECIPIENTS_EACH = 10

const SignedUp = z.object({ id: z.string() })

export type Sender = Readonly<{
  /** Of every request. */
  headers: Record<string, string>
  /** Bodies of `POST /v1/messages`, to take in turn. */
  bodies: readonly string[]
  /** The same of `POST /v1/messages/batch`, each with `BATCH_ROWS` messages of its own content. */
  batches: readonly string[]
}>

export const BATCH_ROWS = 100

/** A user as the product knows one: signed up, approved, logged in, with instances of his own. */
export async function prepareSender(api: RunningApi): Promise<Sender> {
  const admin = await until('the first administrator exists', () => logIn(api.url, api.admin).catch(() => undefined), {
    everyMs: 500,
  })
  const account = { email: 'sender@example.com', password: randomBytes(12).toString('hex') }
  const anonymous = restClient(api.url)
  const signedUp = await anonymous.call('POST', '/user/signup', { fullname: 'Sender', ...account }, 201)
  const { id } = SignedUp.parse(signedUp)
  await admin.call('PATCH', `/v1/users/${id}`, { status: 'approved' }, 200)
  const sender = await logIn(api.url, account)
  const names = Array.from({ length: INSTANCES }, (_, n) => `bench-${n}`)
  for (const name of names) await sender.call('POST', '/v1/instances', { name }, 201)
  return { headers: headersOf(sender), bodies: names.flatMap(bodiesOf), batches: names.map(batchOf) }
}

function headersOf({ token }: RestClient): Record<string, string> {
  return { 'content-type': 'application/json', authorization: `Bearer ${token}` }
}

function bodiesOf(instance: string, at: number): string[] {
  return Array.from({ length: RECIPIENTS_EACH }, (_, n) =>
    JSON.stringify({ instance, to: recipientAt(at * RECIPIENTS_EACH + n), text: TEXT }),
  )
}

function batchOf(instance: string, at: number): string {
  const messages = Array.from({ length: BATCH_ROWS }, (_, n) => ({ to: recipientAt(at * BATCH_ROWS + n), text: TEXT }))
  return JSON.stringify({ instance, messages })
}

const TEXT = 'Olá! Seu pedido 48213 saiu para entrega e chega hoje entre 14h e 18h. Qualquer dúvida, é só responder.'
