import { InstanceName } from '@whatsapp-sender/contract'
import type { Parsed, parseOrFaults } from '../http/parse.ts'
import type { FieldFault } from '../http/problem.ts'
import type { AskedMessage } from '../messages/judge-message.ts'
import { createMessageBodies, type MessageBody, partsOf } from '../messages/message-body.ts'
import { sendingOptions } from '../messages/message-options.ts'
import type { RecipientSchema } from '../messages/recipient.ts'
import { NOT_IN_TEMPLATE, type Template, Variables } from './template.ts'

/** What a batch says once for all its rows. */
export const rowDefaults = { instance: InstanceName.optional(), ...sendingOptions }

/** Of a batch that has been judged, as its caller wrote them: each row is read together with them. */
export function defaultsIn(batch: unknown): Fields {
  return isFields(batch) ? only(batch, (name) => Object.hasOwn(rowDefaults, name)) : {}
}

type Fields = Readonly<Record<string, unknown>>
type Parse = typeof parseOrFaults
export type RowMessage = Omit<AskedMessage, 'principal' | 'labels'>

/** What is common to the rows of a batch. */
type Batch = Readonly<{ defaults: Fields; template: Template | undefined }>

/** Reads one row as the body of a single message: what it says itself goes before what the batch says for all. */
export function createParseRow({ recipient, parse }: Readonly<{ recipient: RecipientSchema; parse: Parse }>) {
  const bodies = createMessageBodies(recipient)
  return (value: unknown, { defaults, template }: Batch): Parsed<RowMessage> => {
    if (!isFields(value)) return { faults: [NO_ROW] }
    const { variables, ...own } = value
    const text = textOf({ own, variables, template, parse })
    const row = { ...withoutOverruled(defaults, own), ...own, ...(text?.data !== undefined && { text: text.data }) }
    const body = parse<MessageBody>(bodies.of(row), row)
    const faults = [
      ...(isFields(own['media']) && Object.hasOwn(own['media'], 'base64') ? [INLINE] : []),
      ...(Object.hasOwn(own, 'validateOnly') ? [FOR_ALL] : []),
      ...(text?.faults ?? []),
      // Of a text that could not be made there is nothing more to say.
      ...(body.faults ?? []).filter(({ field }) => !(text?.faults && field === 'text') && field !== INLINE.field),
    ]
    if (faults.length > 0 || body.data === undefined) return { faults }
    return { data: partsOf(body.data) }
  }
}

const NO_ROW = { field: 'body', message: 'must be an object' }
/** So many of them would be held at once. */
const INLINE = {
  field: 'media.base64',
  message: 'is not taken in a batch: upload the file with POST /v1/media, and name its id',
}
const FOR_ALL = { field: 'validateOnly', message: 'is said of the whole batch' }

/** A message says its expiry in one of two ways, whichever the batch chose. */
function withoutOverruled(defaults: Fields, own: Fields): Fields {
  if (own['expiresAt'] === undefined && own['ttlSeconds'] === undefined) return defaults
  return only(defaults, (name) => name !== 'expiresAt' && name !== 'ttlSeconds')
}

/** What the template makes of a row; undefined for one that has content of its own. */
function textOf({
  own,
  variables,
  template,
  parse,
}: Readonly<{ own: Fields; variables: unknown; template: Template | undefined; parse: Parse }>):
  | Parsed<string>
  | undefined {
  const hasContent = own['text'] !== undefined || (own['type'] ?? 'text') !== 'text'
  if (hasContent) return variables === undefined ? undefined : { faults: [NO_USE] }
  if (template === undefined) return { faults: [variables === undefined ? NO_TEXT : NO_TEMPLATE] }
  const values = parse(Variables, variables ?? {})
  if (values.faults !== undefined) return { faults: values.faults.map(within('variables')) }
  const faults = faultsOfVariables(values.data, template)
  return faults.length > 0 ? { faults } : { data: template.render((name) => values.data[name] ?? '') }
}

const NO_TEXT = { field: 'text', message: 'is required where the batch has no template' }
const NO_TEMPLATE = { field: 'variables', message: 'must not be there without a template' }
const NO_USE = { field: 'variables', message: 'are for the text of the template' }

function within(name: string) {
  return ({ field, message }: FieldFault) => ({ field: field === 'body' ? name : `${name}.${field}`, message })
}

function faultsOfVariables(variables: Readonly<Record<string, string>>, { names }: Template): FieldFault[] {
  const missing = [...names].filter((name) => !Object.hasOwn(variables, name))
  const unknown = Object.keys(variables).filter((name) => !names.has(name))
  return [
    ...missing.map((name) => ({ field: `variables.${name}`, message: 'is required by the template' })),
    ...unknown.map((name) => ({ field: `variables.${name}`, message: NOT_IN_TEMPLATE })),
  ]
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function only(fields: Fields, isWanted: (name: string) => boolean): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => isWanted(name)))
}
