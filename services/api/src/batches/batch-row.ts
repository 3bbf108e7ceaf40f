import { InstanceName } from '@whatsapp-sender/contract'
import { z } from 'zod'
import type { Parsed, parseOrFaults } from '../http/parse.ts'
import type { FieldFault } from '../http/problem.ts'
import type { AskedMessage } from '../messages/judge-message.ts'
import { callersOwn, faultsOfTimes, sendingOptions } from '../messages/message-options.ts'
import { MessageText } from '../messages/message-text.ts'
import type { RecipientSchema } from '../messages/recipient.ts'
import { NOT_IN_TEMPLATE, type Template, Variables } from './template.ts'

/** What a batch says once for all its rows. */
export const rowDefaults = { instance: InstanceName.optional(), ...sendingOptions }

type RowDefaults = z.infer<z.ZodObject<typeof rowDefaults>>

type Parse = typeof parseOrFaults

type RowMessage = Omit<AskedMessage, 'principal' | 'labels'>

/** Reads one row: what it says itself goes before what the batch says for all. */
export function createParseRow({ recipient, parse }: Readonly<{ recipient: RecipientSchema; parse: Parse }>) {
  const Row = z.strictObject({
    to: recipient,
    type: z.literal('text').default('text'),
    text: MessageText.optional(),
    variables: Variables.optional(),
    ...rowDefaults,
    ...callersOwn,
  })
  return (value: unknown, all: RowDefaults & Readonly<{ template?: Template | undefined }>): Parsed<RowMessage> => {
    const row = parse(Row, value)
    if (row.faults !== undefined) return row
    const { type: _text, text: ownText, variables, ...own } = row.data
    const { template, ...defaults } = all
    const sending = { ...withoutOverruled(defaults, own), ...own }
    const { instance, onAmbiguous, ...rest } = sending
    const text = textOf({ text: ownText, variables }, template, parse)
    const faults = [...faultsOfTimes(sending), ...(instance === undefined ? [NO_INSTANCE] : []), ...(text.faults ?? [])]
    if (faults.length > 0 || instance === undefined || text.data === undefined) return { faults }
    return { data: { ...rest, instance, onAmbiguous, type: 'text', content: { text: text.data } } }
  }
}

const NO_INSTANCE = { field: 'instance', message: 'is required, here or for the whole batch' }

/** A message says its expiry in one of two ways, whichever the batch chose. */
function withoutOverruled(defaults: RowDefaults, own: RowDefaults): RowDefaults {
  if (own.expiresAt === undefined && own.ttlSeconds === undefined) return defaults
  const { expiresAt: _at, ttlSeconds: _ttl, ...others } = defaults
  return others
}

function textOf(
  row: Readonly<{ text: string | undefined; variables: Readonly<Record<string, string>> | undefined }>,
  template: Template | undefined,
  parse: Parse,
): Parsed<string> {
  const { text, variables } = row
  if (text !== undefined) return variables === undefined ? { data: text } : { faults: [NO_USE] }
  if (template === undefined) return { faults: [variables === undefined ? NO_TEXT : NO_TEMPLATE] }
  const faults = faultsOfVariables(variables ?? {}, template)
  if (faults.length > 0) return { faults }
  const rendered = parse(
    MessageText,
    template.render((name) => variables?.[name] ?? ''),
  )
  if (rendered.faults === undefined) return rendered
  return {
    faults: rendered.faults.map(({ message }) => ({ field: 'text', message: `with its variables: ${message}` })),
  }
}

const NO_TEXT = { field: 'text', message: 'is required where the batch has no template' }
const NO_TEMPLATE = { field: 'variables', message: 'must not be there without a template' }
const NO_USE = { field: 'variables', message: 'must not be there beside text' }

function faultsOfVariables(variables: Readonly<Record<string, string>>, { names }: Template): FieldFault[] {
  const missing = [...names].filter((name) => !Object.hasOwn(variables, name))
  const unknown = Object.keys(variables).filter((name) => !names.has(name))
  return [
    ...missing.map((name) => ({ field: `variables.${name}`, message: 'is required by the template' })),
    ...unknown.map((name) => ({ field: `variables.${name}`, message: NOT_IN_TEMPLATE })),
  ]
}
