import { type Schema, validate } from 'jsonschema'
import { isJsonObject, type JsonObject } from '../json.ts'

/**
 * The faults of a body in the real server's words; empty when it is fine. It lays the body's fields over an empty
 * object first, so a list or nothing at all counts as no fields, and a schema's description stands for its fault.
 */
export function faultsOf(body: unknown, schema: Schema): string[] {
  return validate(fieldsOf(body), schema).errors.map((fault) => {
    const description = isJsonObject(fault.schema) ? fault.schema['description'] : undefined
    return typeof description === 'string' ? description : fault.stack.replace('instance.', '')
  })
}

/** What the checks and the kinds see of a body. */
export function fieldsOf(body: unknown): JsonObject {
  return isJsonObject(body) ? body : Array.isArray(body) ? { ...body } : {}
}

export type BodySchema = Schema

const text: Schema = { type: 'string' }
const flag: Schema = { type: 'boolean', enum: [true, false] }

/** Neither missing nor odd, but empty: told only when an object has no other fields than these. */
function notEmpty(...names: readonly string[]): Schema {
  const rule = (name: string): Schema => ({ minLength: 1, description: `The "${name}" cannot be empty` })
  const properties = Object.fromEntries(names.map((name) => [name, rule(name)]))
  return Object.fromEntries([
    ['if', { propertyNames: { enum: [...names] } }],
    // oxlint-disable-next-line unicorn/no-thenable -- the word of JSON Schema; nobody awaits a schema
    ['then', { properties }],
  ])
}

const number: Schema = { type: 'string', description: 'Invalid format' }

const messageKey = { id: text, remoteJid: text, fromMe: flag }

/** In the order of the server's own schema: it is the order of the faults. `everyOne` is a slip of the server. */
const options: Readonly<Record<string, Schema>> = {
  delay: { type: 'integer', description: 'Enter a value in milliseconds' },
  quoted: {
    properties: {
      key: { type: 'object', properties: messageKey, required: ['id'], ...notEmpty('id') },
      message: { type: 'object' },
    },
  },
  everyOne: flag,
  mentioned: {
    type: 'array',
    minItems: 1,
    uniqueItems: true,
    items: { type: 'string', pattern: '^\\d+', description: '"mentioned" must be an array of numeric strings' },
  },
}

function body(properties: Readonly<Record<string, Schema>>, required: string[]): Schema {
  return { type: 'object', properties, required }
}

function media(field: string): Schema {
  return body({ number, [field]: text, ...options }, ['number'])
}

const contact: Schema = {
  ...body(
    {
      fullName: text,
      wuid: { type: 'string', minLength: 10, pattern: '\\d+', description: '"wuid" must be a numeric string' },
      phoneNumber: { type: 'string', minLength: 10 },
      organization: text,
      email: text,
      url: text,
    },
    ['fullName', 'phoneNumber'],
  ),
  ...notEmpty('fullName'),
}

const row: Schema = {
  ...body({ title: text, description: text, rowId: text }, ['title', 'rowId']),
  ...notEmpty('title', 'description', 'rowId'),
}

const section: Schema = {
  ...body({ title: text, rows: { type: 'array', minItems: 1, uniqueItems: true, items: row } }, ['title', 'rows']),
  ...notEmpty('title'),
}

const button: Schema = {
  ...body(
    {
      type: { type: 'string', enum: ['reply', 'copy', 'url', 'call', 'pix'] },
      displayText: text,
      id: text,
      url: text,
      phoneNumber: text,
      currency: text,
      name: text,
      keyType: { type: 'string', enum: ['phone', 'email', 'cpf', 'cnpj', 'random'] },
      key: text,
    },
    ['type'],
  ),
  ...notEmpty('id', 'url', 'phoneNumber'),
}

/** By the field names of the routes. */
export const schemas = {
  text: body({ number, text, linkPreview: { type: 'boolean' }, ...options }, ['number', 'text']),
  media: body(
    {
      number,
      mediatype: { type: 'string', enum: ['image', 'document', 'video', 'audio'] },
      mimetype: text,
      media: text,
      fileName: text,
      caption: text,
      ...options,
    },
    ['number', 'mediatype'],
  ),
  audio: media('audio'),
  sticker: media('sticker'),
  roundVideo: media('video'),
  location: body(
    { number, latitude: { type: 'number' }, longitude: { type: 'number' }, name: text, address: text, ...options },
    ['number', 'latitude', 'longitude', 'name', 'address'],
  ),
  contact: body({ number, contact: { type: 'array', items: contact, minItems: 1, uniqueItems: true } }, [
    'number',
    'contact',
  ]),
  reaction: body(
    {
      key: {
        ...body(messageKey, ['id', 'remoteJid', 'fromMe']),
        ...notEmpty('id', 'remoteJid'),
      },
      reaction: text,
    },
    ['key', 'reaction'],
  ),
  poll: body(
    {
      number,
      name: text,
      selectableCount: { type: 'integer', minimum: 0, maximum: 10 },
      values: { type: 'array', minItems: 2, maxItems: 10, uniqueItems: true, items: text },
      ...options,
    },
    ['number', 'name', 'selectableCount', 'values'],
  ),
  list: body(
    {
      number,
      title: text,
      description: text,
      footerText: text,
      buttonText: text,
      sections: { type: 'array', minItems: 1, uniqueItems: true, items: section },
      ...options,
    },
    ['number', 'title', 'footerText', 'buttonText', 'sections'],
  ),
  buttons: body(
    {
      number,
      thumbnailUrl: text,
      title: text,
      description: text,
      footer: text,
      buttons: { type: 'array', items: button },
      ...options,
    },
    ['number'],
  ),
  template: body({ number, name: text, language: text, components: { type: 'array' }, webhookUrl: text }, [
    'name',
    'language',
  ]),
} as const
