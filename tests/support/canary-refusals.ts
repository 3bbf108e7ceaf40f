import { once } from 'node:events'
import { connect } from 'node:net'
import { kafkaNames } from '@whatsapp-sender/contract'
import type { DocumentedCalls } from '../../services/api/tests/documented-calls.ts'
import type { Canary } from './canary.ts'
import type { System } from './system.ts'
import { openTopic, recordOf } from './topic.ts'

type Refusing = Readonly<{ documented: DocumentedCalls; canary: Canary; token: string; url: string }>

/** Has every operation refuse what holds the canary. The statuses that were answered. */
export async function refuseRequests(o: Refusing): Promise<ReadonlySet<number>> {
  const seen = new Set<number>()
  const { documented, canary, token } = o
  const { word } = canary
  const forged = `${Buffer.from(`{"alg":"none","kid":"${word}"}`).toString('base64url')}.${word}.${word}`
  for (const operation of documented.operations) {
    const body = operation.requestBody && { [word]: word, instance: word, to: word, email: word, text: [word] }
    const path = Object.fromEntries(operation.takes.map(({ name }) => [name, word]))
    seen.add(await documented.attempt(operation, { token: forged }))
    // The token has to be good to the end.
    if (operation.operationId !== 'logOut') seen.add(await documented.attempt(operation, { token, path, body }))
    seen.add(await documented.attempt(operation, { headers: { authorization: `Bearer wsk_${word}_${word}` } }))
  }
  for (const status of await refusedByHand(o)) seen.add(status)
  return seen
}

async function refusedByHand({ canary, token, url }: Refusing): Promise<number[]> {
  const { word } = canary
  const ask = async (path: string, init: RequestInit & Readonly<{ headers?: Record<string, string> }> = {}) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...init.headers }
    const response = await fetch(`${url}${path}`, { method: 'POST', ...init, headers })
    await response.arrayBuffer()
    return response.status
  }
  const message = (text: string) => JSON.stringify({ instance: 'refusals', to: canary.numberOf('1000'), text })
  const key = { 'idempotency-key': `${word}-refusals` }
  const account = JSON.stringify({ email: `${word}@example.com`, fullname: word, password: `a long pass ${word}` })
  const wrong = JSON.stringify({ email: `${word}@example.com`, password: `not it ${word}` })
  const statuses = [
    await ask('/v1/instances', { body: '{"name":"refusals"}' }),
    await ask('/v1/instances', { body: '{"name":"refusals"}' }),
    await ask('/v1/messages', { body: message(word), headers: key }),
    await ask('/v1/messages', { body: message(`another ${word}`), headers: key }),
    await ask('/v1/messages', { body: `{"text":"${word}` }),
    await ask('/v1/messages', { body: JSON.stringify({ text: word.repeat(10_000) }) }),
    await ask('/v1/messages', { body: word, headers: { 'content-type': 'text/plain' } }),
    await ask(`/v1/messages?${word}=${word}`, { method: 'PUT', body: message(word) }),
    await ask(`/v1/${word}/%E0%A4%A/${word}`, { method: 'GET' }),
    await ask(`/v1/messages?reference=${word}&to=${encodeURIComponent(canary.numberOf('1000'))}`, { method: 'GET' }),
    await ask(`/v1/messages?cursor=${word}&limit=${word}`, { method: 'GET' }),
    await ask(`/v1/suppressions/${encodeURIComponent(canary.numberOf('3000'))}`, {
      method: 'PUT',
      body: JSON.stringify({ reason: word }),
    }),
    await ask('/v1/messages', { body: message(word).replace('1000', '3000') }),
    await ask('/user/signup', { body: account }),
    await ask('/user/signup', { body: account }),
    // The right password of somebody who is not approved.
    await ask('/user/login', {
      body: JSON.stringify({ email: `${word}@example.com`, password: `a long pass ${word}` }),
    }),
    await ask('/v1/evolution/events', { body: word, headers: { 'x-webhook-secret': word } }),
  ]
  // At once: on a busy machine one after the other would take longer than the minute that the limit is for.
  const guesses = await Promise.all(Array.from({ length: 25 }, () => ask('/user/login', { body: wrong })))
  return [...statuses, ...guesses]
}

/** What is no request in HTTP/1.1. */
export async function sendRawRequests(url: string, word: string): Promise<void> {
  const { hostname, port } = new URL(url)
  for (const request of [
    `${word} /${word} HTTP/9.9\r\n\r\n`,
    `GET /${word} HTTP/1.1\r\nhost: a\r\nhost: ${word}\r\n\r\n`,
    `POST /v1/messages HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\n${word}`,
    `GET / HTTP/1.1\r\nhost: a\r\n${word}: ${word.repeat(2000)}\r\n\r\n`,
  ]) {
    const socket = connect(Number(port), hostname)
    socket.on('error', () => {})
    socket.resume().end(request)
    await once(socket, 'close')
  }
}

/** Puts into both topics what cannot be read, and what is meant for a later version. */
export async function poisonTopics(system: System, { word, numberOf }: Canary): Promise<void> {
  const topic = await openTopic(system)
  const facts = { instance: 'refusals', instanceId: word, user: word, to: numberOf('1000'), content: { text: word } }
  const { record } = recordOf(facts)
  const headers = { [word]: word }
  const values = [
    `{"text":"${word}`,
    word,
    `"${word}"`,
    `{"v":1,"${word}":"${word}","to":"${numberOf('1000')}"}`,
    JSON.stringify({ ...record, content: { text: [word] } }),
    JSON.stringify({ instance: word, recipient_number: numberOf('1000'), message: word }),
    JSON.stringify(record),
  ]
  const records = values.flatMap((value) => [
    { key: 'refusals', value, headers },
    { key: word, value, headers },
  ])
  try {
    await topic.publish(records)
    await topic.publish(records, kafkaNames(system.prefix).evolutionEvents)
  } finally {
    await topic.close()
  }
}
