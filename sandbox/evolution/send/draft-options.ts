import { isJsonObject, type JsonObject, stringOf } from '../json.ts'
import type { Messages, Quoted } from '../messages.ts'
import { textOf } from './message-content.ts'
import type { Draft } from './send-kind.ts'

type DraftOptions = Pick<Draft, 'kind' | 'number' | 'delayMs' | 'presence' | 'quoted' | 'mentioned'>

/** What nearly every kind takes besides its content. */
export function optionsOf(fields: JsonObject, messages: Messages): DraftOptions {
  const { number, delay, mentioned } = fields
  return {
    kind: 'draft',
    number: stringOf(number) ?? '',
    delayMs: typeof delay === 'number' ? delay : 0,
    presence: 'composing',
    quoted: quotedOf(fields['quoted'], messages),
    mentioned: Array.isArray(mentioned) ? mentioned.filter((item) => typeof item === 'string') : [],
  }
}

/** The caller may name a message by its id alone; its words are then those the sandbox remembers. */
function quotedOf(quoted: unknown, messages: Messages): Quoted | undefined {
  const key = isJsonObject(quoted) ? quoted['key'] : undefined
  const keyId = isJsonObject(key) ? stringOf(key['id']) : undefined
  if (keyId === undefined) return undefined
  const given = isJsonObject(quoted) && isJsonObject(quoted['message']) ? quoted['message']['conversation'] : undefined
  const known = messages.get(keyId)
  return { keyId, text: stringOf(given) ?? (known === undefined ? '' : textOf(known)) }
}

/** An object of those of `names` that the fields hold as text. */
export function textsOf<N extends string>(fields: JsonObject, names: readonly N[]): Partial<Record<N, string>> {
  const texts: Partial<Record<N, string>> = {}
  for (const name of names) {
    const value = fields[name]
    if (typeof value === 'string') texts[name] = value
  }
  return texts
}
