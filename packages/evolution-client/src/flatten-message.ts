import { isRecord } from './json.ts'

export type FlatMessage = Readonly<{
  texts: readonly string[]
  /** A list in a list: how Evolution words what its schema found. */
  isNested: boolean
  /** Holds `{exists: false}`: the only sure sign of a number that is not on WhatsApp. */
  isUnregistered: boolean
}>

const DEPTH_MAX = 8

/** Evolution's `message` may be a string, a list, a list in a list, or a list of objects. */
export function flattenMessage(message: unknown): FlatMessage {
  const texts: string[] = []
  let isUnregistered = false
  const visit = (value: unknown, depth: number): void => {
    if (typeof value === 'string') texts.push(value)
    else if (Array.isArray(value) && depth < DEPTH_MAX) for (const entry of value) visit(entry, depth + 1)
    else if (isRecord(value) && value['exists'] === false) isUnregistered = true
  }
  visit(message, 0)
  return { texts, isNested: Array.isArray(message) && message.some(Array.isArray), isUnregistered }
}
