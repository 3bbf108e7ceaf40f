import { isJsonObject, type JsonObject } from './json.ts'

type Check = Readonly<{ property: string; fault(value: unknown): string | undefined }>

/** In the order the real server's schema names them; `null` is checked, only a missing field is not. */
const CHECKS: readonly Check[] = [
  { property: 'number', fault: (value) => (typeof value === 'string' ? undefined : 'Invalid format') },
  { property: 'text', fault: (value) => (typeof value === 'string' ? undefined : wrongType('text', 'string')) },
  {
    property: 'linkPreview',
    fault: (value) => (typeof value === 'boolean' ? undefined : wrongType('linkPreview', 'boolean')),
  },
  { property: 'delay', fault: (value) => (Number.isInteger(value) ? undefined : 'Enter a value in milliseconds') },
  { property: 'quoted', fault: quotedFault },
  {
    property: 'everyOne',
    fault: (value) => (typeof value === 'boolean' ? undefined : wrongType('everyOne', 'boolean')),
  },
  { property: 'mentioned', fault: mentionedFault },
]

/** The faults of a `sendText` body in the real server's words; empty when it is fine. Unknown fields are allowed. */
export function sendTextFaults(body: unknown): string[] {
  const fields: JsonObject = isJsonObject(body) ? body : {}
  const faults = CHECKS.flatMap(({ property, fault }) => {
    const value = fields[property]
    return value === undefined ? [] : (fault(value) ?? [])
  })
  const missing = ['number', 'text'].filter((property) => fields[property] === undefined)
  return [...faults, ...missing.map((property) => `instance requires property "${property}"`)]
}

function wrongType(path: string, type: string): string {
  return `${path} is not of a type(s) ${type}`
}

function quotedFault(value: unknown): string | undefined {
  if (!isJsonObject(value)) return wrongType('quoted', 'object')
  const key = value['key']
  if (key === undefined) return undefined
  if (!isJsonObject(key)) return wrongType('quoted.key', 'object')
  return key['id'] === undefined ? 'quoted.key requires property "id"' : undefined
}

function mentionedFault(value: unknown): string | undefined {
  if (!Array.isArray(value)) return wrongType('mentioned', 'array')
  if (value.length === 0) return 'mentioned does not meet minimum length of 1'
  const numeric = value.every((item) => typeof item === 'string' && /^\d/.test(item))
  return numeric ? undefined : '"mentioned" must be an array of numeric strings'
}
