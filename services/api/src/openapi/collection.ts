import { z } from 'zod'
import { createRecipientSchema } from '../messages/recipient.ts'
import { describedAreas } from '../operations.ts'
import type { Operation } from './operation.ts'

/** The requests of the API for Postman, and for what reads its collections. */
export const COLLECTION_FILE = new URL(
  '../../../../docs/collection/whatsapp-sender.postman_collection.json',
  import.meta.url,
)

const VARIABLES = {
  baseUrl: 'http://127.0.0.1:8000',
  email: 'ana@example.com',
  password: 'tiny horse eats 9 pears',
  token: '',
  refreshToken: '',
  webhookSecret: '',
}

/** What a request asks of the variables instead of its example, and sets in them. */
const SESSION: Readonly<Record<string, Readonly<{ body?: object; isLogin?: true }>>> = {
  logIn: { body: { email: '{{email}}', password: '{{password}}' }, isLogin: true },
  refreshSession: { body: { refresh_token: '{{refreshToken}}' }, isLogin: true },
}
const KEEP_TOKENS = [
  'const { access_token, refresh_token } = pm.response.json()',
  "if (access_token) pm.collectionVariables.set('token', access_token)",
  "if (refresh_token) pm.collectionVariables.set('refreshToken', refresh_token)",
]

/** Every operation as a collection of version 2.1: folders by area, a request for each example. */
export function createCollection() {
  return {
    info: {
      name: 'WhatsApp Sender',
      description:
        'Set `baseUrl`, `email` and `password`, and send "Log in": it keeps the `token` for all other requests.',
      schema: 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json',
    },
    auth: { type: 'bearer', bearer: [{ key: 'token', value: '{{token}}', type: 'string' }] },
    variable: Object.entries(VARIABLES).map(([key, value]) => ({ key, value })),
    item: [...describedAreas(createRecipientSchema('BR'))].map(([name, operations]) => ({
      name,
      item: Object.entries(operations).flatMap(([path, methods]) =>
        Object.entries(methods).map(([method, operation]) => itemOf(method, path, operation)),
      ),
    })),
  }
}

/** A request, or a folder with one for each example. */
function itemOf(method: string, path: string, operation: Operation) {
  const examples = Object.entries(operation.body?.examples ?? {})
  const requests = examples.map(([name, body]) => requestOf(`${operation.summary}: ${name}`, body))
  return requests.length > 1
    ? { name: operation.summary, item: requests }
    : requestOf(operation.summary, examples[0]?.[1])

  function requestOf(name: string, example: unknown) {
    const session = SESSION[operation.id]
    return {
      name,
      ...(session?.isLogin && { event: [{ listen: 'test', script: { type: 'text/javascript', exec: KEEP_TOKENS } }] }),
      request: {
        method: method.toUpperCase(),
        ...(operation.description !== undefined && { description: operation.description }),
        ...(isOpen(operation) && { auth: { type: 'noauth' } }),
        header: headersOf(operation),
        url: urlOf(path, operation),
        ...(operation.body && { body: bodyOf(operation.body, session?.body ?? example) }),
      },
    }
  }
}

function isOpen({ caller }: Operation): boolean {
  return caller === 'anybody' || caller === 'evolution'
}

function headersOf({ caller, headers = [], body }: Operation) {
  const type = body?.type ?? 'application/json'
  return [
    ...(body && type !== 'multipart/form-data' ? [{ key: 'Content-Type', value: type }] : []),
    ...(caller === 'evolution' ? [{ key: 'x-webhook-secret', value: '{{webhookSecret}}' }] : []),
    ...headers.map((key) => ({ key, value: '', disabled: true })),
  ]
}

function urlOf(path: string, { params, query, exampleOf = {} }: Operation) {
  const described = (fields: Operation['params']) =>
    Object.entries(fields?.shape ?? {}).map(([key, { description }]) => ({
      key,
      value: exampleOf[key] ?? '',
      ...(description !== undefined && { description }),
    }))
  return {
    raw: `{{baseUrl}}${path}`,
    host: ['{{baseUrl}}'],
    path: path.split('/').slice(1),
    // Each is a filter or a choice: whoever wants it ticks it.
    query: described(query).map((field) => ({ ...field, disabled: true })),
    variable: described(params),
  }
}

function bodyOf({ type = 'application/json', schema }: NonNullable<Operation['body']>, example: unknown) {
  if (type === 'multipart/form-data') {
    const names = schema instanceof z.ZodObject ? Object.keys(schema.shape) : []
    return { mode: 'formdata', formdata: names.map((key) => ({ key, type: 'file', src: [] })) }
  }
  const isText = typeof example === 'string'
  const raw = isText ? example : JSON.stringify(example, null, 2)
  return { mode: 'raw', raw, options: { raw: { language: isText ? 'text' : 'json' } } }
}
